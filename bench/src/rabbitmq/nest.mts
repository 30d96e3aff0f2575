// NestJS with its RabbitMQ transport, made durable: by default it neither keeps messages nor acknowledges them.
import { Logger } from '@nestjs/common';
import { ClientRMQ, type RmqContext, type RmqOptions, Transport } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { nestWorkloads } from '../broker/nest.mjs';
import type { Task } from '../broker/task.js';
import { contentType, NEST_PATTERN, queueArguments, queueOf } from './queues.js';

// Its client tells of every connection.
Logger.overrideLogger(false);

export const workloads = nestWorkloads({
  pattern: () => NEST_PATTERN,
  serviceOptions: (task) => ({
    transport: Transport.RMQ,
    options: {
      ...optionsOf(task, task.destination),
      noAck: false,
      prefetchCount: task.prefetch ?? 1,
    },
  }),
  client: async (task, destination) => {
    const client = new ClientRMQ({ ...optionsOf(task, destination), persistent: true, headers: { contentType } });
    await client.connect();
    return {
      emit: (order) => lastValueFrom(client.emit(NEST_PATTERN, order), { defaultValue: undefined }),
      close: () => client.close(),
    };
  },
  settle: (context) => {
    const { getChannelRef, getMessage } = context as RmqContext;
    getChannelRef.call(context).ack(getMessage.call(context));
  },
});

function optionsOf({ address }: Task, destination: string): NonNullable<RmqOptions['options']> {
  const queue = queueOf(destination);
  return { urls: [address], queue, queueOptions: { durable: true, arguments: queueArguments(queue) } };
}
