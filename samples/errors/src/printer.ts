import { styleText } from 'node:util';
import type { Application } from '@millrace/core';
import type { Case } from './cases';
import type { Chapter, Ending, Entry, Story } from './story';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';
type Row = readonly [style: Style, symbol: string, what: string, text: string];

const TEXT_COLUMN = 27;

/** Writes each case as a block of aligned lines: when, what, why. */
export class Printer {
  readonly #output: (line: string) => void;
  readonly #isColoured: boolean;
  #cases = 0;

  constructor(output: (line: string) => void, isColoured: boolean) {
    this.#output = output;
    this.#isColoured = isColoured;
  }

  /** Which binder carries the messages. */
  opening(application: Application): void {
    const binders = new Set(application.bindings().map(({ binder }) => binder));
    this.#output(`the post office is open, on ${[...binders].join(', ')}`);
    this.#output('');
  }

  headline({ title, about }: Case): void {
    this.#cases += 1;
    if (this.#cases > 1) this.#output('');
    this.#output(`${this.#paint('bold', `${this.#cases}  ${title}`)}`);
    this.#output(`   ${this.#paint('dim', about)}`);
  }

  readonly entry = (entry: Entry, { startedAt }: Chapter): void => {
    const [style, symbol, what, text] = rowOf(entry);
    const time = this.#paint('dim', seconds(performance.now() - startedAt).padStart(9));
    this.#output(`${time}  ${this.#paint(style, `${symbol} ${what.padEnd(13)}`)} ${text}`);
    if (entry.kind === 'returned') this.#output(' '.repeat(TEXT_COLUMN) + this.#paint('dim', entry.letter.text));
  };

  /** The run in numbers. */
  sum({ chapters }: Story): void {
    const endings = chapters.flatMap((chapter) => chapter.endings);
    const entries = chapters.flatMap((chapter) => chapter.entries);
    const count = (ending: Ending): number => endings.filter((one) => one === ending).length;
    this.#output('');
    this.#output(`${chapters.length} cases, ${endings.length} messages`);
    this.#output(`  ${count('ack')} handled, ${count('deadLetter')} in the dead letter, ${count('discard')} discarded`);
    this.#output(
      `  ${entries.filter(({ kind }) => kind === 'failed').length} attempts failed and were followed by another`,
    );
  }

  #paint(style: Style, text: string): string {
    return this.#isColoured ? styleText(style, text) : text;
  }
}

function rowOf(entry: Entry): Row {
  switch (entry.kind) {
    case 'handled':
      return ['green', '✓', `attempt ${entry.attempt}`, entry.text];
    case 'told':
      return ['dim', '·', `attempt ${entry.attempt}`, entry.text];
    case 'failed':
      return ['yellow', '↻', `attempt ${entry.attempt}`, `${entry.reason}; again in ${seconds(entry.delayMs)}`];
    case 'setAside':
      return ['dim', '‖', 'set aside', 'what is behind it goes on'];
    case 'returned': {
      const { kind, attempts, reason } = entry.letter;
      return ['red', '✗', 'dead letter', `${kind} after ${calls(attempts)}: ${reason}`];
    }
    case 'discarded':
      return ['red', '✗', 'discarded', `after ${calls(entry.attempts)}: ${entry.reason}`];
  }
}

function calls(count: number): string {
  return count === 1 ? '1 call' : `${count} calls`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
