import { KafkaTroubles } from './kafka-troubles';

it('a binding is well when all of its parts are', () => {
  const told: (string | undefined)[] = [];
  const troubles = new KafkaTroubles((trouble) => told.push(trouble?.message));
  const [reading, writing] = [troubles.reporter(), troubles.reporter()];
  writing(undefined);
  reading(new Error('no coordinator'));
  writing(new Error('no leader'));
  writing(undefined);
  reading(undefined);
  expect(told).toEqual(['no coordinator', 'no coordinator', 'no coordinator', undefined]);
});
