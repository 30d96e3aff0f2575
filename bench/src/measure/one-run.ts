import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Runs a module in a process of its own and gives what it sends. The process must end by itself. */
export async function oneRun<T>(modulePath: string): Promise<T> {
  const child = fork(modulePath, [], { execArgv: ['--expose-gc'] });
  const exited = once(child, 'exit');
  let result: T | undefined;
  child.on('message', (message) => {
    result = message as T;
  });
  const [code] = await exited;
  if (result === undefined || code !== 0) throw new Error(`${modulePath} ended with ${String(code)}`);
  return result;
}
