import { newClusterId } from './kafka-cluster-id';

test('an identity that looks like an option is drawn again', () => {
  const drawn = [0xf8, 0xfb, 0x41].map((first) => Buffer.alloc(16, first));
  expect(drawn.map((bytes) => bytes.toString('base64url')[0])).toEqual(['-', '-', 'Q']);
  expect(newClusterId(() => drawn.shift() ?? Buffer.alloc(0))).toBe(Buffer.alloc(16, 0x41).toString('base64url'));
});

test('an identity is a Kafka one: 16 bytes, each another', () => {
  const ids = Array.from({ length: 1_000 }, () => newClusterId());
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
  expect(new Set(ids).size).toBe(ids.length);
});
