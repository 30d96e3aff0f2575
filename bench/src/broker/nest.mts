// NestJS microservices over any transport, with the ValidationPipe. Its packages are ES modules only.
import { Controller, type INestMicroservice, Module, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, type MicroserviceOptions, Payload } from '@nestjs/microservices';
import type { Workload } from '../measure/workload.js';
import { NotedOrder, notedOrderOf, Order, orderOf } from '../orders/order.js';
import { noteFor } from '../orders/order-fields.js';
import { withCallers } from './callers.js';
import { Handled, isOrder } from './handled.js';
import { Latencies } from './latencies.js';
import { type ContenderWorkloads, type Task, workload } from './task.js';

export interface NestClient {
  /** Resolves when the broker has it. */
  emit(order: Order): Promise<unknown>;
  close(): Promise<unknown>;
}

export interface NestTransport {
  /** Of a service that reads the task's destination in this group. */
  serviceOptions(task: Task, group: string): MicroserviceOptions;
  /** What `@EventPattern` says. */
  pattern(task: Task): string;
  client(task: Task, destination: string): Promise<NestClient>;
  /** What a handler does when it is done, where that is its business. */
  settle(context: unknown): void;
}

type Handle = (order: Order) => Promise<void> | void;

export function nestWorkloads(transport: NestTransport): ContenderWorkloads {
  async function produce(task: Task): Promise<Workload> {
    const client = await transport.client(task, task.destination);
    const note = noteFor(task.bytes);
    const make = (index: number): Order => (note === undefined ? orderOf(index) : notedOrderOf(index, note));
    return workload(
      (messages) => withCallers(task.callers, messages, (index) => client.emit(make(index))),
      () => client.close(),
    );
  }

  async function consume(task: Task): Promise<Workload> {
    return rounds(task, (order) => {
      isOrder(order);
    });
  }

  async function processOrders(task: Task): Promise<Workload> {
    const client = await transport.client(task, task.output);
    const { run } = rounds(task, async (order) => {
      isOrder(order);
      await client.emit(order);
    });
    return { run, close: async () => void (await client.close()) };
  }

  async function latency(task: Task): Promise<Workload> {
    const latencies = new Latencies();
    const client = await transport.client(task, task.destination);
    const service = await serviceOf(task, task.group ?? task.unique, (order) => latencies.handled(order));
    return workload(
      (messages) => latencies.measure(messages, (index) => client.emit(orderOf(index))),
      () => Promise.all([service.close(), client.close()]),
    );
  }

  async function firstMessage(task: Task): Promise<Workload> {
    return workload(async (_messages, clock) => {
      const handled = new Handled(1, clock);
      const service = await serviceOf(task, task.group ?? `${task.unique}-${process.pid}`, () => handled.add(1));
      await handled.all;
      const took = clock.sinceSpawn();
      await service.close();
      return { firstMessage: took };
    });
  }

  /** A new service for each round. */
  function rounds(task: Task, handle: Handle): Workload {
    let round = 0;
    return workload(async (messages, clock) => {
      round += 1;
      const handled = new Handled(messages, clock);
      const service = await serviceOf(task, task.group ?? `${task.unique}-${round}`, async (order) => {
        await handle(order);
        handled.add(1);
      });
      if (task.clockFrom === 'joined') handled.begin();
      await handled.all;
      await service.close();
    });
  }

  async function serviceOf(task: Task, group: string, handle: Handle): Promise<INestMicroservice> {
    const payloadClass = noteFor(task.bytes) === undefined ? Order : NotedOrder;
    @Controller()
    class Orders {
      @EventPattern<Record<string, Order>>(transport.pattern(task))
      async take(
        @Payload(new ValidationPipe({ transform: true, expectedType: payloadClass })) order: Order,
        @Ctx() context: unknown,
      ): Promise<void> {
        await handle(order);
        transport.settle(context);
      }
    }
    @Module({ controllers: [Orders] })
    class OrdersModule {}
    const options = { ...transport.serviceOptions(task, group), logger: false as const };
    const service = await NestFactory.createMicroservice<MicroserviceOptions>(OrdersModule, options);
    await service.listen();
    return service;
  }

  return { produce, consume, process: processOrders, latency, firstMessage };
}
