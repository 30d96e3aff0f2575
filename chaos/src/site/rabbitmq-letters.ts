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
      for (let message = await channel.get(queue); message !== false; message = await channel.get(queue)) {
        letters.push(letterOf(group, message));
        channel.ack(message);
      }
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
