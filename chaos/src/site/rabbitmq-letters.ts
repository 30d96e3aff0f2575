import { connect, type GetMessage } from 'amqplib';
import type { Letter } from '../judge/letter';
import { groups } from './site';

/** Takes every message out of the dead-letter queues of these groups, as a stranger would. */
export async function rabbitmqLetters(url: string, names: readonly string[]): Promise<Letter[]> {
  const connection = await connect(url);
  const letters: Letter[] = [];
  try {
    const channel = await connection.createChannel();
    for (const group of names) {
      const queue = `${groups[group]}.${group}.dlq`;
      // An acknowledgement of each would wait 40 ms for the one before to be confirmed by the machine's network.
      const take = () => channel.get(queue, { noAck: true });
      for (let message = await take(); message !== false; message = await take())
        letters.push(letterOf(group, message));
    }
    await channel.close();
  } finally {
    await connection.close();
  }
  return letters;
}

function letterOf(group: string, { content, properties }: GetMessage): Letter {
  const text = (name: string): string | undefined => {
    const value: unknown = properties.headers?.[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    group,
    body: content,
    errorName: text('x-exception-fqcn'),
    errorMessage: text('x-exception-message'),
  };
}
