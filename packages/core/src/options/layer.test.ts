import { z } from 'zod';
import { mergeOptions } from '../config/merge-options';
import { consumerOptions, prefetchOf } from './consumer-options';
import { layer } from './layer';

const schema = z.strictObject({
  size: z.number().default(3),
  nested: z.strictObject({ on: z.boolean().default(true), name: z.string().optional() }).prefault({}),
});

test('a layer fills in nothing, so that a weaker layer is not hidden by defaults', () => {
  expect(layer(schema).parse({})).toEqual({});
  expect(layer(schema).parse({ nested: { name: 'x' } })).toEqual({ nested: { name: 'x' } });
});

test('a layer is as strict as the whole', () => {
  expect(layer(schema).safeParse({ sise: 1 }).success).toBe(false);
  expect(layer(schema).safeParse({ nested: { naem: 'x' } }).success).toBe(false);
  expect(layer(schema).safeParse({ size: 'big' }).success).toBe(false);
});

test('layers merged and read again are complete, and durations read twice stay what they are', () => {
  const decorator = layer(consumerOptions).parse({ concurrency: 4, retry: { backOff: { initial: '2s' } } });
  const configuration = layer(consumerOptions).parse({ concurrency: 8, retry: { maxAttempts: 5 } });
  expect(consumerOptions.parse(mergeOptions([decorator, configuration]))).toMatchObject({
    concurrency: 8,
    ordering: 'partition',
    retry: { maxAttempts: 5, backOff: { initial: 2_000, multiplier: 2, max: 10_000 } },
    deadLetter: 'on',
  });
});

test('later objects win key by key and level by level; lists and scalars are replaced whole', () => {
  expect(
    mergeOptions([
      { a: 1, list: [1, 2], deep: { x: 1, y: 1 } },
      undefined,
      { list: [3], deep: { y: 2 } },
      { a: undefined },
    ]),
  ).toEqual({
    a: 1,
    list: [3],
    deep: { x: 1, y: 2 },
  });
  expect(mergeOptions([{ letter: { destination: 'x' } }, { letter: 'discard' }])).toEqual({ letter: 'discard' });
});

test('merging leaves the layers as they were', () => {
  const below = { deep: { x: 1 } };
  mergeOptions([below, { deep: { x: 2 } }]);
  expect(below).toEqual({ deep: { x: 1 } });
});

test.each([
  [{}, 32],
  [{ concurrency: 4 }, 32],
  [{ concurrency: 5 }, 40],
  [{ concurrency: 100 }, 256],
  [{ concurrency: 200 }, 400],
  [{ concurrency: 5, prefetch: 1 }, 1],
])('consumer options %p have %d messages in hand', (options, prefetch) => {
  expect(prefetchOf(consumerOptions.parse(options))).toBe(prefetch);
});
