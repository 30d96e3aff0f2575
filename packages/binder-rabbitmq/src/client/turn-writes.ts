import type { Duplex } from 'node:stream';

/**
 * Lets what is written to the stream within one turn of the event loop go out together: the client writes every frame by itself
 * (trap 12), and each write would be a system call.
 */
export function writeTurnsTogether(stream: Duplex): void {
  const write = stream.write;
  let isCorked = false;
  const release = (): void => {
    isCorked = false;
    stream.uncork();
  };
  stream.write = function writeCorked(this: Duplex, ...parts: unknown[]): boolean {
    if (!isCorked) {
      isCorked = true;
      stream.cork();
      process.nextTick(release);
    }
    return Reflect.apply(write, this, parts) as boolean;
  };
}
