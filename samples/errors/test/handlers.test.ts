import { type TestApplication, testApplication } from '@millrace/testing';
import { Container } from 'inversify';
import { Counter } from '../src/counter';
import { Doorbell } from '../src/doorbell';
import { Flyers } from '../src/flyers';
import { Parcel } from '../src/parcel';
import { components, configuration } from '../src/post-office';
import { Round } from '../src/round';
import { Story } from '../src/story';

/** The same classes under the test harness: it skips the waits between attempts, and keeps failures and dead letters. */
let post: TestApplication;

beforeEach(async () => {
  const story = new Story(() => undefined);
  story.begin('test');
  const container = new Container();
  container.bind(Story).toConstantValue(story);
  post = await testApplication({ components, config: configuration('millrace.yaml'), container });
});

afterEach(() => post.stop());

test('every failed attempt can be asked for, with its number', async () => {
  await post.emit(Doorbell, Parcel.of(1, 'Sleepy Lane 1'));
  await post.settled();
  expect(post.failures().map(({ where, outcome, attempt }) => [where, outcome, attempt])).toEqual([
    ['doorbell/postmen', 'retried', 1],
    ['doorbell/postmen', 'retried', 2],
  ]);
  expect(await post.deadLetters(Doorbell)).toEqual([]);
});

test('a rejected parcel: the dead letter has the parcel and the reason', async () => {
  await post.emit(Round, Parcel.of(1, 'Nowhere Road'));
  await post.settled();
  const [letter, ...others] = await post.deadLetters(Round, 'carriers');
  expect(others).toEqual([]);
  expect(letter?.payload).toEqual(Parcel.of(1, 'Nowhere Road'));
  expect(letter?.reason).toMatchObject({ kind: 'failed', code: 'HANDLER_REJECTED', attempts: 1 });
});

test('bytes of a stranger: the dead letter has the bytes and the code', async () => {
  await post.emitRaw(Counter, 'one parcel, please');
  await post.settled();
  const [letter] = await post.deadLetters(Counter);
  expect(letter).toMatchObject({ text: 'one parcel, please', payload: undefined });
  expect(letter?.reason).toMatchObject({ kind: 'invalid', code: 'PAYLOAD_UNDECODABLE', attempts: 0 });
});

test('a discarded flyer leaves no dead letter', async () => {
  await post.emit(Flyers, Parcel.of(1, 'Brook Street 4'));
  await post.settled();
  expect(post.failures()).toMatchObject([{ where: 'flyers/carriers', outcome: 'discarded', attempt: 1 }]);
  expect(await post.deadLetters(Flyers)).toEqual([]);
});
