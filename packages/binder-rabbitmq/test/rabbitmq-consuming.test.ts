import { setTimeout as sleep } from 'node:timers/promises';
import { Deliveries, numbers, remains, text, textOf, unique, until } from '@millrace/binder-test-suite';
import { type OwnRabbitmq, startRabbitmq, tellOfConsumersEnd } from '@millrace/brokers';
import { type Settlement, settlements } from '@millrace/core/spi';
import { BackDoor } from './back-door';
import { Rig } from './rig';

jest.setTimeout(120_000);

let broker: OwnRabbitmq;
let backDoor: BackDoor;
let rig: Rig;

beforeAll(async () => {
  broker = await startRabbitmq();
  backDoor = new BackDoor(broker.url);
});
afterAll(async () => {
  await backDoor?.close();
  await broker?.stop();
});
beforeEach(() => {
  rig = new Rig({ url: broker.url });
});
afterEach(() => rig.close());

interface Consumer {
  readonly consumer_tag: string;
  readonly prefetch_count: number;
  readonly exclusive: boolean;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly queue: { readonly name: string };
}

async function consumersOf(name: string): Promise<Consumer[]> {
  const all = (await broker.management('GET', '/api/consumers')) as Consumer[];
  return all.filter(({ queue }) => queue.name.startsWith(name));
}

async function queuesOf(destination: string): Promise<string[]> {
  const all = (await broker.management('GET', '/api/queues')) as { name: string }[];
  return all.map(({ name }) => name).filter((name) => name.startsWith(`${destination}.`));
}

function isOf(queue: string): string {
  return `element(4, proplists:get_value(queue_name, C)) =:= <<"${queue}">>`;
}

describe('what the broker knows of a consumer', () => {
  it('prefetch, priority and tag are as configured; prefetch is shared by several queues', async () => {
    const destination = unique('orders');
    await rig.consumer(destination, {
      prefetch: 77,
      native: { consumerPriority: 5, consumerTagPrefix: 'bar' },
    });
    await until(async () => (await consumersOf(destination)).length === 1);
    expect(await consumersOf(destination)).toEqual([
      expect.objectContaining({ prefetch_count: 77, consumer_tag: 'bar#0', arguments: { 'x-priority': 5 } }),
    ]);
    const two = [unique('first'), unique('second')];
    await rig.consumer(two, { prefetch: 77 });
    await until(async () => (await Promise.all(two.map(consumersOf))).flat().length === 2);
    expect((await Promise.all(two.map(consumersOf))).flat().map((each) => each.prefetch_count)).toEqual([38, 38]);
  });

  it('a broadcast queue bears the name Spring gives it, and is gone with its consumer', async () => {
    const destination = unique('orders');
    const consumer = await rig.consumer(destination, { group: undefined, deadLetter: undefined });
    await until(async () => (await queuesOf(destination)).length === 1);
    const [name] = await queuesOf(destination);
    expect(name).toMatch(new RegExp(`^${destination}\\.anonymous\\.[A-Za-z0-9_-]{22}$`));
    expect(await broker.management('GET', `/api/queues/%2F/${name}`)).toMatchObject({
      durable: false,
      exclusive: true,
      auto_delete: true,
    });
    await consumer.close();
    await until(async () => (await queuesOf(destination)).length === 0);
  });

  it('an exclusive consumer is alone, and another takes over when it goes (G10)', async () => {
    const destination = unique('orders');
    const group = unique('baristas');
    const [first, second] = [new Deliveries(), new Deliveries()];
    const native = { exclusive: true };
    const holder = await rig.consumer(destination, { group, native, deliver: first.deliver });
    const other = new Rig({ url: broker.url });
    await other.consumer(destination, { group, native, deliver: second.deliver });
    expect(other.trouble?.message).toMatch(/another consumer has the queue for itself; this one waits/);
    const producer = await rig.producer(destination);
    await producer.send(text('one'));
    await first.until(1);
    await holder.close();
    await until(() => other.trouble === undefined);
    await producer.send(text('two'));
    await second.until(1);
    expect([first.texts, second.texts]).toEqual([['one'], ['two']]);
    await other.close();
  });

  it.each(['closed', 'paused'])(
    'a single active consumer that is %s keeps its place until what it has open is done',
    async (change) => {
      const destination = unique('orders');
      const group = unique('baristas');
      const native = { singleActiveConsumer: true };
      const [inbox, next] = [new Deliveries(() => running), new Deliveries()];
      let finish = (): void => undefined;
      const running = new Promise<Settlement>((resolve) => {
        finish = () => resolve(settlements.ack);
      });
      const first = await rig.consumer(destination, { group, native, prefetch: 10, deliver: inbox.deliver });
      const producer = await rig.producer(destination, { requiredGroups: [group], native });
      await Promise.all(numbers(10).map((each) => producer.send(text(each))));
      await inbox.until(10);
      await rig.consumer(destination, { group, native, deliver: next.deliver });
      const changing = change === 'closed' ? first.close() : first.pause?.();
      for (const each of numbers(20).slice(10)) await producer.send(text(each));
      await remains(() => expect(next.texts).toEqual([]), 300);
      finish();
      await changing;
      if (change === 'paused') await first.resume?.();
      const last = change === 'closed' ? next : inbox;
      await until(() => last.texts.includes('19'));
      expect([...inbox.texts, ...next.texts]).toEqual(numbers(20));
    },
  );

  it('one that is paused is no consumer to the broker: others of its group get all; resumed it has its share', async () => {
    const destination = unique('orders');
    const group = unique('baristas');
    const inboxes = [new Deliveries(), new Deliveries()] as const;
    const first = await rig.consumer(destination, { group, deliver: inboxes[0].deliver });
    await rig.consumer(destination, { group, deliver: inboxes[1].deliver });
    await first.pause?.();
    const producer = await rig.producer(destination);
    await Promise.all(numbers(20).map((each) => producer.send(text(each))));
    await inboxes[1].until(20);
    expect(inboxes[0].texts).toEqual([]);
    await first.resume?.();
    await Promise.all(numbers(20).map((each) => producer.send(text(each))));
    await until(() => inboxes[0].records.length > 0 && inboxes[0].records.length + inboxes[1].records.length === 40);
  });

  it('a paused broadcast keeps its queue, and gets what was sent meanwhile', async () => {
    const destination = unique('orders');
    const inbox = new Deliveries();
    const consumer = await rig.consumer(destination, {
      group: undefined,
      deadLetter: undefined,
      prefetch: 2,
      deliver: inbox.deliver,
    });
    await consumer.pause?.();
    const producer = await rig.producer(destination);
    await Promise.all(numbers(20).map((each) => producer.send(text(each))));
    await sleep(200);
    expect(inbox.texts).toEqual([]);
    await consumer.resume?.();
    await inbox.until(20);
    expect(inbox.texts).toEqual(numbers(20));
  });
});

describe('settlements', () => {
  it('no more are open than prefetch says, over all queues, and the order of each is kept', async () => {
    const places = numbers(5).map((each) => unique(`place${each}`));
    let [open, most] = [0, 0];
    const inbox = new Deliveries(async () => {
      open += 1;
      most = Math.max(most, open);
      await sleep(2);
      open -= 1;
      return settlements.ack;
    });
    await rig.consumer(places, { prefetch: 3, deliver: inbox.deliver });
    for (const place of places) {
      const producer = await rig.producer(place);
      await Promise.all(numbers(40).map((each) => producer.send(text(each))));
    }
    await inbox.until(200);
    expect(most).toBe(3);
    for (const place of places) {
      const texts = inbox.records.flatMap((record, index) =>
        record.destination === place ? [inbox.texts[index] as string] : [],
      );
      expect(texts).toEqual(numbers(40));
    }
  });

  it('verdicts in any order reach the broker, those given back come again, and nothing is left', async () => {
    const destination = unique('orders');
    const group = unique('baristas');
    const seen = new Map<string, number>();
    const inbox = new Deliveries(async (record): Promise<Settlement> => {
      const name = Buffer.from(record.payload ?? []).toString();
      seen.set(name, (seen.get(name) ?? 0) + 1);
      await sleep(Math.random() * 5);
      return Number(name) % 3 === 0 && seen.get(name) === 1 ? settlements.requeue : settlements.ack;
    });
    await rig.consumer(destination, { group, prefetch: 50, deliver: inbox.deliver });
    const producer = await rig.producer(destination);
    await Promise.all(numbers(600).map((each) => producer.send(text(each))));
    await inbox.until(800);
    const queue = `/api/queues/%2F/${destination}.${group}`;
    await until(
      async () => ((await broker.management('GET', queue)) as { messages: number }).messages === 0,
      20_000,
      () => 'messages left',
    );
    expect(rig.troubles).toEqual([]);
    expect(inbox.records).toHaveLength(800);
  });

  it('close() waits for what is open, tells the broker its verdicts, and gives the rest back', async () => {
    const destination = unique('orders');
    const group = unique('baristas');
    const queue = `${destination}.${group}`;
    const producer = await rig.producer(destination, { requiredGroups: [group] });
    await Promise.all(numbers(5).map((each) => producer.send(text(each))));
    let finish = (): void => undefined;
    const running = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const inbox = new Deliveries(async (record): Promise<Settlement> => {
      await running;
      return Number(textOf(record)) % 2 === 0 ? settlements.ack : settlements.requeue;
    });
    const consumer = await rig.consumer(destination, { group, prefetch: 5, deliver: inbox.deliver });
    await inbox.until(5);
    let isClosed = false;
    const closing = consumer.close().then(() => {
      isClosed = true;
    });
    await until(async () => (await consumersOf(destination)).length === 0);
    expect(isClosed).toBe(false);
    finish();
    await closing;
    await until(async () => (await backDoor.depth(queue)) === 2);
    expect((await backDoor.taken(queue)).map(({ payload }) => String(payload))).toEqual(['1', '3']);
  });

  it.each([
    ['classic', { queueType: 'classic' }],
    // Without a limit RabbitMQ 3 puts what comes back at the end.
    ['quorum', { queueType: 'quorum', deliveryLimit: 20 }],
  ])('what a paused consumer of a %s queue gives back comes in its old order', async (_, native) => {
    const destination = unique('orders');
    const group = unique('baristas');
    const producer = await rig.producer(destination, { requiredGroups: [group], native });
    let isFirst = true;
    let finish = (): void => undefined;
    const running = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const inbox = new Deliveries(async () => {
      if (isFirst) await running;
      return isFirst ? settlements.requeue : settlements.ack;
    });
    const consumer = await rig.consumer(destination, { group, native, prefetch: 10, deliver: inbox.deliver });
    await Promise.all(numbers(30).map((each) => producer.send(text(each))));
    await inbox.until(10);
    const pausing = consumer.pause?.();
    finish();
    await pausing;
    await until(async () => (await backDoor.depth(`${destination}.${group}`)) === 30);
    isFirst = false;
    await consumer.resume?.();
    await inbox.until(40);
    expect(inbox.texts.slice(10)).toEqual(numbers(30));
  });

  it('acknowledgements of many finished together are few for the broker', async () => {
    const destination = unique('orders');
    const group = unique('baristas');
    const inbox = new Deliveries();
    const producer = await rig.producer(destination, { requiredGroups: [group] });
    await Promise.all(numbers(2_000).map((each) => producer.send(text(each))));
    const written = await bytesReceived();
    await rig.consumer(destination, { group, prefetch: 250, deliver: inbox.deliver });
    await inbox.until(2_000);
    await until(async () => (await backDoor.depth(`${destination}.${group}`)) === 0);
    await sleep(2_500);
    // An acknowledgement is 21 bytes; opening a channel and consuming some hundreds.
    expect((await bytesReceived()) - written).toBeLessThan(10_000);
  });
});

describe('I7, I12 what happens to a queue under a live consumer', () => {
  it('deleted: it is made anew, with its bindings, and the consumer goes on', async () => {
    const destination = unique('orders');
    const group = unique('baristas');
    const inbox = new Deliveries();
    await rig.consumer(destination, { group, deliver: inbox.deliver });
    const other = new Deliveries();
    const others: (Error | undefined)[] = [];
    await rig.consumer(unique('other'), { deliver: other.deliver, report: (trouble) => others.push(trouble) });
    const producer = await rig.producer(destination);
    await producer.send(text('before'));
    await inbox.until(1);
    await backDoor.use((channel) => channel.deleteQueue(`${destination}.${group}`));
    await until(() => rig.troubles.length > 0);
    expect(rig.troubles[0]?.message).toContain(`the broker has ended the consumer of queue ${destination}.${group}`);
    await until(() => rig.trouble === undefined);
    await producer.send(text('after'));
    await until(() => inbox.has('after'));
    expect(others).toEqual([]);
  });

  it('delivered from on, though the client was told that its consumer has ended: nothing is lost', async () => {
    const destination = unique('orders');
    const group = unique('baristas');
    const inbox = new Deliveries();
    await rig.consumer(destination, { group, deliver: inbox.deliver });
    const producer = await rig.producer(destination);
    const sendings = numbers(500).map((each) => producer.send(text(each)));
    await inbox.until(1);
    await broker.ctl('eval', tellOfConsumersEnd(isOf(`${destination}.${group}`)));
    sendings.push(
      ...numbers(1_000)
        .slice(500)
        .map((each) => producer.send(text(each))),
    );
    await Promise.all(sendings);
    await until(() => new Set(inbox.texts).size === 1_000);
    await until(() => rig.trouble === undefined);
  });

  it('deleted and made by somebody else with other arguments: a standing trouble that says which, until it is mended', async () => {
    const destination = unique('orders');
    const group = unique('baristas');
    const queue = `${destination}.${group}`;
    const inbox = new Deliveries();
    await rig.consumer(destination, { group, deliver: inbox.deliver });
    // Whoever is first makes it: again, until it is the other.
    await until(async () => {
      await backDoor
        .use(async (channel) => {
          await channel.deleteQueue(queue);
          await channel.assertQueue(queue, { durable: true, arguments: { 'x-max-length': 5 } });
        })
        .catch(() => undefined);
      await sleep(200);
      return rig.trouble !== undefined;
    });
    await until(() => /x-dead-letter|x-max-length/.test(String(rig.trouble)));
    await backDoor.use((channel) => channel.deleteQueue(queue));
    await until(() => rig.trouble === undefined);
    await (await rig.producer(destination)).send(text('after'));
    await until(() => inbox.has('after'));
  });

  it('the exchange deleted, or a binding: nobody is told, so it is looked for, and bound anew', async () => {
    const watchful = new Rig({ url: broker.url, provisionInterval: '300ms' });
    const destination = unique('orders');
    const inbox = new Deliveries();
    await watchful.consumer(destination, { group: 'baristas', deliver: inbox.deliver });
    const producer = await rig.producer(destination);
    const arrives = async (name: string): Promise<void> => {
      await until(() =>
        producer.send(text(name)).then(
          () => true,
          ({ message }: Error) => !/no queue is bound/.test(message),
        ),
      );
      await until(() => inbox.has(name));
    };
    await backDoor.use((channel) => channel.deleteExchange(destination));
    await arrives('one');
    await backDoor.use((channel) => channel.unbindQueue(`${destination}.baristas`, destination, '#'));
    await arrives('two');
    // Told only where it goes between the declaration of a check and its binding.
    const others = watchful.troubles.filter((each) => each && !/NOT_FOUND - no exchange/.test(each.message));
    expect(others).toEqual([]);
    await until(() => watchful.trouble === undefined);
    await watchful.close();
  });

  it('the exchange made anew with another type: a standing trouble that says so, until it is mended', async () => {
    const watchful = new Rig({ url: broker.url, provisionInterval: '300ms' });
    const destination = unique('orders');
    await watchful.consumer(destination);
    await backDoor.use(async (channel) => {
      await channel.deleteExchange(destination);
      await channel.assertExchange(destination, 'fanout', { durable: true });
    });
    await until(() => watchful.trouble !== undefined);
    expect(watchful.trouble?.message).toMatch(/type/);
    await backDoor.use((channel) => channel.deleteExchange(destination));
    await until(() => watchful.trouble === undefined);
    await watchful.close();
  });
});

async function bytesReceived(): Promise<number> {
  await sleep(2_500);
  const all = (await broker.management('GET', '/api/connections')) as {
    recv_oct?: number;
    client_properties?: { connection_name?: string };
  }[];
  return all
    .filter((each) => each.client_properties?.connection_name?.includes('consuming'))
    .reduce((sum, each) => sum + (each.recv_oct ?? 0), 0);
}
