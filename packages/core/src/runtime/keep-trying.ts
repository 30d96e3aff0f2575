import type { BindingHandle } from '../binder/binding-handle';
import type { Logger } from '../observe/logger';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** Starts a binding whose broker is away: tries again with back-off and jitter until it opens, is stopped, or the application stops. */
export async function keepTrying(binding: BindingHandle, stopped: AbortSignal, logger: Logger): Promise<void> {
  for (let wait = FIRST_WAIT_MS; !stopped.aborted; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
    await sleep(wait * (0.5 + Math.random() / 2), stopped);
    if (stopped.aborted || binding.state !== 'failed') return;
    try {
      await binding.start();
      return;
    } catch (error) {
      logger.warn({ binding: binding.name, err: error }, 'the binding could not be opened; trying again');
    }
  }
}

function sleep(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      stopped.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    stopped.addEventListener('abort', wake);
  });
}
