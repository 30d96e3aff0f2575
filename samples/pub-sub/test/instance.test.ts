import { type TestApplication, testApplication } from '@millrace/testing';
import { Container } from 'inversify';
import { Catalogue } from '../src/catalogue';
import { components, configuration } from '../src/company';
import { Deliveries, INSTANCE } from '../src/deliveries';
import { PriceCache } from '../src/price-cache';
import { PriceChanged } from '../src/price-changed';

let instance: TestApplication;

beforeEach(async () => {
  const container = new Container();
  container.bind(INSTANCE).toConstantValue('alone');
  container.bind(Deliveries).toSelf().inSingletonScope();
  instance = await testApplication({ components, config: configuration('millrace.yaml'), container });
});

afterEach(() => instance.stop());

test('a lone instance is every group and its own cache', async () => {
  await instance.get(Catalogue).announce(PriceChanged.of(1, 'tea', 260));
  await instance.settled({ failures: 'throw' });
  const [sent, ...others] = await instance.sent(PriceChanged);
  expect(others).toEqual([]);
  expect(sent).toMatchObject({ payload: { article: 'tea', cents: 260 }, key: 'tea' });
  const receivers = instance.get(Deliveries).all.map(({ receiver }) => receiver);
  expect(receivers.sort()).toEqual(['accounting', 'cache', 'shop window']);
});

test('a price that is no price: each group keeps its copy as a dead letter, the cache only says so', async () => {
  const nonsense = '{"number":1,"article":"tea","cents":"free"}';
  await instance.emitRaw(PriceChanged, nonsense);
  await instance.settled();
  const letters = await instance.deadLetters(PriceChanged);
  expect(letters.map(({ group, text, reason }) => [group, text, reason.kind]).sort()).toEqual([
    ['accounting', nonsense, 'invalid'],
    ['shop-window', nonsense, 'invalid'],
  ]);
  const discarded = instance.failures().filter(({ outcome }) => outcome === 'discarded');
  expect(discarded.map(({ where, kind }) => [where, kind])).toEqual([['price-changes/*', 'invalid']]);
  expect(instance.get(PriceCache).prices.size).toBe(0);
});
