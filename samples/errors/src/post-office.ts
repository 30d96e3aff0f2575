import { join } from 'node:path';
import { MemoryBroker, memoryBinder } from '@millrace/binder-memory';
import { type Application, Millrace } from '@millrace/core';
import { Container } from 'inversify';
import { Sorter } from './bags';
import { type Case, cases } from './cases';
import { Clerk } from './counter';
import { CustomsBroker } from './customs';
import { Postman } from './doorbell';
import { Sailor } from './ferry';
import { FlyerCarrier } from './flyers';
import { LiftCarrier } from './lift';
import { Printer } from './printer';
import { ReturnsDesk } from './returns';
import { Carrier } from './round';
import { Story } from './story';
import { watch } from './watch';

export const components = [
  Postman,
  CustomsBroker,
  Carrier,
  Sailor,
  Clerk,
  Sorter,
  FlyerCarrier,
  LiftCarrier,
  ReturnsDesk,
];

/** Beside the package and not in the working directory, so that the sample runs from anywhere. */
export const CONFIG = join(__dirname, '..', 'millrace.yaml');

/** Runs one case after the other. Resolves when every message has been handled, dead-lettered or discarded. */
export async function runPostOffice(output: (line: string) => void, isColoured = false): Promise<Story> {
  const printer = new Printer(output, isColoured);
  const story = new Story(printer.entry);
  const container = new Container();
  container.bind(Story).toConstantValue(story);
  // One partition, so that everything stands in one line and it can be seen what waits and what does not.
  // The broker is held here for the stranger's sake; the application alone needs no such line.
  const broker = new MemoryBroker({ partitions: 1 });
  const binders = [memoryBinder(broker)];
  // `run` and not `create`: nothing else keeps the process alive while a message waits for its delay in memory.
  const application = await Millrace.run({ components, container, config: CONFIG, binders });
  watch(application, story);
  try {
    for (const one of cases) {
      story.begin(one.title);
      printer.headline(one);
      await story.over(await send(one, application, broker));
    }
  } finally {
    await application.stop();
    await broker.close();
  }
  printer.sum(story);
  return story;
}

/** Returns the number of records. */
async function send({ sent }: Case, application: Application, broker: MemoryBroker): Promise<number> {
  if ('parcels' in sent) {
    await Promise.all(sent.parcels.map((parcel) => application.send(sent.channel, parcel)));
    return sent.parcels.length;
  }
  for (const text of sent.texts) {
    const payload = Buffer.from(text, 'utf8');
    await broker.publish(sent.destination, { payload, headers: {}, key: undefined, partition: undefined });
  }
  return sent.texts.length;
}
