import type { Application } from '@millrace/core';
import type { Story } from './story';

const DESK = 'returned/returns-desk';

/** Retrying, setting aside and throwing away are Millrace's work; the classes have no part in it. Its events tell. */
export function watch({ events }: Application, story: Story): void {
  events.on('retry', ({ attempt, delayMs, error }) =>
    story.write({ kind: 'failed', attempt, delayMs, reason: messageOf(error) }),
  );
  events.on('discard', ({ attempts, error }) => story.write({ kind: 'discarded', attempts, reason: messageOf(error) }));
  events.on('delivery', ({ binding, outcome, attempt }) => {
    if (binding === DESK) return;
    if (outcome === 'delayed') story.write({ kind: 'setAside', attempt });
    if (outcome === 'ack' || outcome === 'deadLetter' || outcome === 'discard') story.ended(outcome);
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
