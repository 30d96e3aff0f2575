import { isOutcast } from '../kafka-errors';
import { KafkaMembership } from './kafka-membership';

it('who is not in the group, or not any more, is told so as the group itself would', async () => {
  const nothing = async (): Promise<void> => undefined;
  const membership = new KafkaMembership({
    group: 'baristas',
    heartbeatInterval: 1_000,
    start: undefined,
    assignmentOf: () => ({}),
    revoking: nothing,
    taking: undefined,
    answered: () => undefined,
    formers: [],
  });
  const told = await membership.confirm().catch((error: unknown) => error);
  expect(isOutcast(told)).toBe(true);
  await expect(membership.commit([])).rejects.toThrow('not a member of the group any more');
});
