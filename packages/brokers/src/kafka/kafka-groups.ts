import { once } from 'node:events';
import { createConnection } from 'node:net';
import { until } from '../until';

const FIND_COORDINATOR = 10;
const DESCRIBE_GROUPS = 15;
const TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 5_000;
/** More than there are partitions of the offsets topic, and of different hashes: each partition keeps some of them. */
const GROUPS = [...'abcdefghijklmnop'];

/**
 * Waits until the broker takes members of any group. With the first one it makes the topic of their positions and then loads
 * it; until that is done it turns members away, and on a busy machine that takes longer than a client is patient.
 */
export async function untilGroupsAreServed(port: number): Promise<void> {
  const areServed = async (): Promise<boolean> => {
    const found = await ask(port, FIND_COORDINATOR, text('a'));
    if (found.readInt16BE(0) !== 0) return false;
    return loaded(await ask(port, DESCRIBE_GROUPS, list(GROUPS)));
  };
  await until(
    () => areServed().catch(() => false),
    TIMEOUT_MS,
    () => new Error(`Kafka on port ${port} serves no groups`),
  );
}

/** Groups that nobody knows are described as dead, those of a partition that is being loaded with an error. */
function loaded(answer: Buffer): boolean {
  let at = 4;
  for (let left = answer.readInt32BE(0); left > 0; left--) {
    if (answer.readInt16BE(at) !== 0) return false;
    at += 2;
    // Its name, state, type and protocol, each behind its length; then its members, of which there are none.
    for (let field = 0; field < 4; field++) at += 2 + answer.readInt16BE(at);
    at += 4;
  }
  return true;
}

/** The answer to a request of version 0, behind its size and correlation id. */
async function ask(port: number, apiKey: number, body: Buffer): Promise<Buffer> {
  const head = Buffer.alloc(10);
  head.writeInt16BE(apiKey, 0);
  // Version 0, correlation id 0; no client id.
  head.writeInt16BE(-1, 8);
  const size = Buffer.alloc(4);
  size.writeInt32BE(head.length + body.length);
  const socket = createConnection(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(new Error('no answer')));
    socket.write(Buffer.concat([size, head, body]));
    let answer = Buffer.alloc(0);
    while (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0))
      answer = Buffer.concat([answer, ...(await once(socket, 'data'))]);
    return answer.subarray(8);
  } finally {
    socket.destroy();
  }
}

function text(value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeInt16BE(value.length);
  return Buffer.concat([length, Buffer.from(value, 'latin1')]);
}

function list(values: readonly string[]): Buffer {
  const count = Buffer.alloc(4);
  count.writeInt32BE(values.length);
  return Buffer.concat([count, ...values.map(text)]);
}
