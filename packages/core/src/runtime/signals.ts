import type { Application } from './application';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Drains on the first signal, ends the process on the second. Lets go when the application has stopped. */
export function drainOnSignals(application: Application): void {
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
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
}
