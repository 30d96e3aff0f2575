import { join } from 'node:path';
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
import { Stranger } from './stranger';
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
  Stranger,
  ReturnsDesk,
];

/** Everything stands in one line, on any broker: only so can it be seen what waits and what does not. */
const ONE_KEY = 'one line';

/** The path of a configuration of this sample; its files stand beside the package, wherever that is run from. */
export function configuration(file: string): string {
  return join(__dirname, '..', file);
}

/** Runs one case after the other. Resolves when every message has been handled, dead-lettered or discarded. */
export async function runPostOffice(
  config: string,
  output: (line: string) => void,
  isColoured = false,
): Promise<Story> {
  const printer = new Printer(output, isColoured);
  const story = new Story(printer.entry);
  const container = new Container();
  container.bind(Story).toConstantValue(story);
  // `run` and not `create`: nothing else keeps the process alive while a message waits for its delay in memory.
  const application = await Millrace.run({ components, container, config });
  watch(application, story);
  printer.opening(application);
  try {
    for (const one of cases) {
      story.begin(one.title);
      printer.headline(one);
      await story.over(await send(one, application));
    }
  } finally {
    await application.stop();
  }
  printer.sum(story);
  return story;
}

/** Returns the number of records. */
async function send({ sent }: Case, application: Application): Promise<number> {
  if ('parcels' in sent) {
    await Promise.all(sent.parcels.map((parcel) => application.send(sent.channel, parcel, { key: ONE_KEY })));
    return sent.parcels.length;
  }
  for (const text of sent.texts) await application.get(Stranger).scribble(text, ONE_KEY);
  return sent.texts.length;
}
