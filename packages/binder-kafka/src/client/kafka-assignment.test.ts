import fc from 'fast-check';
import { assignPartitions, type GroupMember } from './kafka-assignment';

const member = (memberId: string, topics: string[], share?: GroupMember['share']): GroupMember => ({
  memberId,
  topics,
  share,
});
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

it('shares each topic out in ranges, as Java does, among those who read it', () => {
  const assignment = assignPartitions([member('b', ['x', 'y']), member('a', ['x'])], (topic) =>
    upTo(topic === 'x' ? 5 : 2),
  );
  expect(Object.fromEntries(assignment)).toEqual({ a: { x: [0, 1, 2] }, b: { x: [3, 4], y: [0, 1] } });
});

it('gives a static member its share, here index 2 of 3 the partitions 2 and 5', () => {
  const members = [member('a', ['x'], { index: 2, count: 3 }), member('b', ['x'], { index: 0, count: 3 })];
  expect(Object.fromEntries(assignPartitions(members, () => upTo(6)))).toEqual({ a: { x: [2, 5] }, b: { x: [0, 3] } });
});

it('gives every partition to exactly one member, whoever they are', () => {
  const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(ids, fc.integer({ min: 0, max: 30 }), (memberIds, count) => {
      const assignment = assignPartitions(
        memberIds.map((id) => member(id, ['x'])),
        () => upTo(count),
      );
      const given = [...assignment.values()].flatMap(({ x = [] }) => x).sort((a, b) => a - b);
      expect(given).toEqual(upTo(count));
    }),
  );
});

const owned = (memberId: string, generation: number, ...x: number[]): GroupMember => ({
  ...member(memberId, ['x']),
  owned: { x },
  generation,
});

it('leaves members what they have had when one joins or goes', () => {
  const joined = assignPartitions([owned('b', 4, 0, 1, 2), owned('c', 4, 3, 4, 5), member('a', ['x'])], () => upTo(6));
  expect(Object.fromEntries(joined)).toEqual({ a: { x: [2, 5] }, b: { x: [0, 1] }, c: { x: [3, 4] } });
  const left = assignPartitions([owned('b', 5, 0, 1), owned('c', 5, 3, 4)], () => upTo(6));
  expect(Object.fromEntries(left)).toEqual({ b: { x: [0, 1, 2] }, c: { x: [3, 4, 5] } });
});

it('who was away for a while has lost its claims to those who were there', () => {
  const assignment = assignPartitions([owned('a', 3, 0, 1), owned('b', 7, 0, 1)], () => upTo(4));
  expect(Object.fromEntries(assignment)).toEqual({ a: { x: [2, 3] }, b: { x: [0, 1] } });
});

it('whatever members claim: each partition once, shares even, and no more moves than that needs', () => {
  const claims = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 30 })), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(claims, fc.integer({ min: 0, max: 30 }), (lists, count) => {
      const members = lists.map((list, index) => owned(`m${index}`, index % 3, ...list));
      const assignment = assignPartitions(members, () => upTo(count));
      const shares = [...assignment.values()].map(({ x = [] }) => x);
      expect(shares.flat().sort((a, b) => a - b)).toEqual(upTo(count));
      const sizes = shares.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      const again = assignPartitions(
        members.map(({ memberId }) => owned(memberId, 9, ...(assignment.get(memberId)?.x ?? []))),
        () => upTo(count),
      );
      expect(again).toEqual(assignment);
    }),
  );
});
