import { randomBytes } from 'node:crypto';

/** A new identity for a Kafka. None that begins with `-`: the tool that takes it would see an option. */
export function newClusterId(draw: () => Buffer = () => randomBytes(16)): string {
  for (;;) {
    const id = draw().toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}
