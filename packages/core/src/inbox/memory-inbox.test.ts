import { inboxContract } from '../../test/inbox-contract';
import { MemoryInbox } from './memory-inbox';

describe('the contract', () => {
  let memory: MemoryInbox;
  beforeEach(() => {
    memory = new MemoryInbox();
  });
  inboxContract(() => ({ instance: async () => memory }));
});

const entry = (messageId: string, windowMs = 1_000) => ({ consumer: 'orders/baristas', messageId, windowMs });
const { signal } = new AbortController();
const handle = (inbox: MemoryInbox, id: string, windowMs?: number) =>
  inbox.once(entry(id, windowMs), async () => undefined, signal);

test('it remembers no more than it is told to; the oldest are forgotten first', async () => {
  const inbox = new MemoryInbox({ maxEntries: 3 });
  for (const id of ['1', '2', '3', '4', '5']) await handle(inbox, id);
  expect(inbox.size).toBe(3);
  expect((await handle(inbox, '3')).isDuplicate).toBe(true);
  expect((await handle(inbox, '2')).isDuplicate).toBe(false);
});

test('what has expired is let go when others come', async () => {
  jest.useFakeTimers();
  try {
    const inbox = new MemoryInbox();
    for (const id of ['1', '2', '3']) await handle(inbox, id, 100);
    jest.advanceTimersByTime(101);
    await handle(inbox, '4');
    expect(inbox.size).toBe(1);
  } finally {
    jest.useRealTimers();
  }
});

test.each([0, -1, 1.5, Number.NaN])('%d entries are refused', (maxEntries) => {
  expect(() => new MemoryInbox({ maxEntries })).toThrow(RangeError);
});
