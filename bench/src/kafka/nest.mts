// NestJS with its Kafka transport.
import { ClientKafka, Transport } from '@nestjs/microservices';
import { logLevel, Partitioners } from 'kafkajs';
import { lastValueFrom } from 'rxjs';
import { nestWorkloads } from '../broker/nest.mjs';
import type { Task } from '../broker/task.js';

export const workloads = nestWorkloads({
  pattern: ({ destination }) => destination,
  serviceOptions: (task, groupId) => ({
    transport: Transport.KAFKA,
    options: {
      client: clientConfig(task),
      consumer: { groupId },
      subscribe: { fromBeginning: true },
      run: { partitionsConsumedConcurrently: task.partitions },
      producer: { createPartitioner: Partitioners.DefaultPartitioner },
    },
  }),
  client: async (task, topic) => {
    const client = new ClientKafka({
      client: clientConfig(task),
      producer: { createPartitioner: Partitioners.DefaultPartitioner },
      producerOnlyMode: true,
    });
    await client.connect();
    const headers = { contentType: 'application/json' };
    return {
      emit: (order) => lastValueFrom(client.emit(topic, { value: order, headers })),
      close: () => client.close(),
    };
  },
  // Offsets are committed by the client.
  settle: () => undefined,
});

function clientConfig({ address, unique }: Task) {
  return { brokers: [address], clientId: unique, logLevel: logLevel.NOTHING };
}
