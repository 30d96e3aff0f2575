import type { Application } from './application';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const LONGEST_TIMER_MS = 2_147_483_647;

/** Keeps the process alive while the application runs; drains on the first signal, ends the process on the second. */
export function drainOnSignals(application: Application): void {
  const keepAlive = setInterval(() => undefined, LONGEST_TIMER_MS);
  let isDraining = false;
  const onSignal = (): void => {
    if (isDraining) process.exit(1);
    isDraining = true;
    void application.stop();
  };
  const unwatch = application.events.on('application', ({ state }) => {
    if (state === 'stopped') release();
  });
  const release = (): void => {
    unwatch();
    clearInterval(keepAlive);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
}
