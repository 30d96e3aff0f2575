// NestJS microservices with its Kafka transport and the ValidationPipe. Its packages are ES modules only.
import { Controller, type INestMicroservice, Module, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientKafka, EventPattern, type KafkaOptions, Payload, Transport } from '@nestjs/microservices';
import { logLevel, Partitioners } from 'kafkajs';
import { lastValueFrom } from 'rxjs';
import { withCallers } from '../broker/callers.js';
import { Handled, isOrder } from '../broker/handled.js';
import { Latencies } from '../broker/latencies.js';
import { type ContenderWorkloads, type Task, workload } from '../broker/task.js';
import type { Workload } from '../measure/workload.js';
import { NotedOrder, notedOrderOf, Order, orderOf } from '../orders/order.js';
import { noteFor } from '../orders/order-fields.js';

export const workloads: ContenderWorkloads = { produce, consume, process: processOrders, latency, firstMessage };

type Handle = (order: Order) => Promise<void> | void;

async function produce(task: Task): Promise<Workload> {
  const client = await connectedClient(task);
  const note = noteFor(task.bytes);
  const make = (index: number): Order => (note === undefined ? orderOf(index) : notedOrderOf(index, note));
  return workload(
    (messages) => withCallers(task.callers, messages, (index) => emit(client, task.destination, make(index))),
    () => client.close(),
  );
}

async function consume(task: Task): Promise<Workload> {
  return rounds(task, (order) => {
    isOrder(order);
  });
}

async function processOrders(task: Task): Promise<Workload> {
  const client = await connectedClient(task);
  const { run } = rounds(task, async (order) => {
    isOrder(order);
    await emit(client, task.output, order);
  });
  return { run, close: () => client.close() };
}

async function latency(task: Task): Promise<Workload> {
  const latencies = new Latencies();
  const client = await connectedClient(task);
  const service = await serviceOf(task, task.unique, (order) => latencies.handled(order));
  return workload(
    (messages) => latencies.measure(messages, (index) => emit(client, task.destination, orderOf(index))),
    () => Promise.all([service.close(), client.close()]),
  );
}

async function firstMessage(task: Task): Promise<Workload> {
  return workload(async (_messages, clock) => {
    const handled = new Handled(1, clock);
    const service = await serviceOf(task, `${task.unique}-${process.pid}`, () => handled.add(1));
    await handled.all;
    const took = clock.sinceSpawn();
    await service.close();
    return { firstMessage: took };
  });
}

/** A group of its own for each round, which reads from the beginning. */
function rounds(task: Task, handle: Handle): Workload {
  let round = 0;
  return workload(async (messages, clock) => {
    round += 1;
    const handled = new Handled(messages, clock);
    const service = await serviceOf(task, `${task.unique}-${round}`, async (order) => {
      await handle(order);
      handled.add(1);
    });
    if (task.clockFrom === 'joined') handled.begin();
    await handled.all;
    await service.close();
  });
}

async function serviceOf(task: Task, groupId: string, handle: Handle): Promise<INestMicroservice> {
  const payloadClass = noteFor(task.bytes) === undefined ? Order : NotedOrder;
  @Controller()
  class Orders {
    @EventPattern<Record<string, Order>>(task.destination)
    take(@Payload(new ValidationPipe({ transform: true, expectedType: payloadClass })) order: Order) {
      return handle(order);
    }
  }
  @Module({ controllers: [Orders] })
  class OrdersModule {}
  const options: KafkaOptions = {
    transport: Transport.KAFKA,
    options: {
      client: clientConfig(task),
      consumer: { groupId },
      subscribe: { fromBeginning: true },
      run: { partitionsConsumedConcurrently: task.partitions },
      producer: { createPartitioner: Partitioners.DefaultPartitioner },
    },
  };
  const service = await NestFactory.createMicroservice<KafkaOptions>(OrdersModule, { ...options, logger: false });
  await service.listen();
  return service;
}

async function connectedClient(task: Task): Promise<ClientKafka> {
  const client = new ClientKafka({
    client: clientConfig(task),
    producer: { createPartitioner: Partitioners.DefaultPartitioner },
    producerOnlyMode: true,
  });
  await client.connect();
  return client;
}

function clientConfig({ address, unique }: Task) {
  return { brokers: [address], clientId: unique, logLevel: logLevel.NOTHING };
}

/** Resolves when the broker has it. */
function emit(client: ClientKafka, topic: string, order: Order): Promise<unknown> {
  return lastValueFrom(client.emit(topic, { value: order, headers: { contentType: 'application/json' } }));
}
