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
