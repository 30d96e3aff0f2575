import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Inbox, InboxAnswer, InboxEntry } from '@millrace/core';
import { eventually } from './eventually';
import { Gate } from './gate';

const HOUR = 3_600_000;
const never = new AbortController().signal;
// Many wait with the one signal at once.
setMaxListeners(100, never);

export interface InboxSubject {
  /** An open one, as another instance of the same application has it: of the same memory, over the same tables. */
  instance(): Promise<Inbox>;
}

/** What every inbox has to keep, whatever it is made of. */
export function inboxContract(subject: () => InboxSubject): void {
  let inbox: Inbox;
  beforeEach(async () => {
    inbox = await subject().instance();
  });

  const entry = (more: Partial<InboxEntry> = {}): InboxEntry => ({
    consumer: 'orders/baristas',
    messageId: randomUUID(),
    windowMs: HOUR,
    ...more,
  });

  /** Work that counts how often it was done, and keeps no outputs. */
  function counted(outputs?: string) {
    const state = { done: 0 };
    const work = async (): Promise<string | undefined> => {
      state.done += 1;
      return outputs;
    };
    return Object.assign(state, { work });
  }

  test('work is done once: the second time it is told as a duplicate', async () => {
    const once = entry();
    const work = counted();
    expect(await inbox.once(once, work.work, never)).toEqual({ isDuplicate: false, outputs: undefined });
    expect(await inbox.once(once, work.work, never)).toEqual({ isDuplicate: true, outputs: undefined });
    expect(work.done).toBe(1);
  });

  test('also by another instance', async () => {
    const once = entry();
    const work = counted();
    await inbox.once(once, work.work, never);
    expect((await (await subject().instance()).once(once, work.work, never)).isDuplicate).toBe(true);
    expect(work.done).toBe(1);
  });

  test('work that fails leaves no mark, and what it threw comes out as it was', async () => {
    const once = entry();
    const error = new TypeError('no such drink');
    await expect(inbox.once(once, () => Promise.reject(error), never)).rejects.toBe(error);
    await expect(inbox.once(once, () => Promise.reject('text'), never)).rejects.toBe('text');
    const work = counted();
    expect((await inbox.once(once, work.work, never)).isDuplicate).toBe(false);
  });

  test('the same message for another consumer is another one', async () => {
    const work = counted();
    const [first, second] = [entry(), entry({ consumer: 'orders/cashiers' })];
    await inbox.once(first, work.work, never);
    await inbox.once({ ...second, messageId: first.messageId }, work.work, never);
    expect(work.done).toBe(2);
  });

  test.each([
    ['text with quotes', `o'clock "and" \\ ; --`],
    ['other scripts', 'заказ 客 ☕'],
    ['as long as it may be', 'x'.repeat(200)],
    ['spaces', '  '],
  ])('an id of %s', async (_, id) => {
    const messageId = `${id}${randomUUID()}`.slice(-200);
    const work = counted();
    for (const _ of [1, 2]) await inbox.once(entry({ messageId }), work.work, never);
    await inbox.once(entry({ messageId: `${messageId.slice(1)}.` }), work.work, never);
    expect(work.done).toBe(2);
  });

  test('of two at once the second waits, and is a duplicate when the first succeeds', async () => {
    const other = await subject().instance();
    const once = entry();
    const gate = new Gate();
    const begun = new Gate();
    const first = inbox.once(
      once,
      async () => {
        begun.open();
        await gate.passed;
        return undefined;
      },
      never,
    );
    await begun.passed;
    const work = counted();
    let isAnswered = false;
    const second = other.once(once, work.work, never).finally(() => {
      isAnswered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect({ isAnswered, done: work.done }).toEqual({ isAnswered: false, done: 0 });
    gate.open();
    expect([await first, await second].map(({ isDuplicate }) => isDuplicate)).toEqual([false, true]);
    expect(work.done).toBe(0);
  });

  test('of two at once the second does the work when the first fails', async () => {
    const other = await subject().instance();
    const once = entry();
    const gate = new Gate();
    const begun = new Gate();
    const first = inbox.once(
      once,
      async () => {
        begun.open();
        await gate.passed;
        throw new Error('no');
      },
      never,
    );
    await begun.passed;
    const work = counted();
    const second = other.once(once, work.work, never);
    gate.open();
    await expect(first).rejects.toThrow('no');
    expect(await second).toMatchObject({ isDuplicate: false });
    expect(work.done).toBe(1);
  });

  test('of many at once, over two instances, one does the work', async () => {
    const instances = [inbox, await subject().instance()];
    const once = entry();
    const work = counted();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => (instances[index % 2] as Inbox).once(once, work.work, never)),
    );
    expect(work.done).toBe(1);
    expect(answers.filter(({ isDuplicate }) => !isDuplicate)).toHaveLength(1);
  });

  test('outputs are kept beside the mark until they are sent', async () => {
    const once = entry();
    const outputs = JSON.stringify([{ text: 'a \u0000 客', more: 'x'.repeat(100_000) }]);
    expect(await inbox.once(once, counted(outputs).work, never)).toEqual({ isDuplicate: false, outputs });
    const other = await subject().instance();
    expect(await other.once(once, counted().work, never)).toEqual({ isDuplicate: true, outputs });
    await other.sent(once);
    expect(await inbox.once(once, counted().work, never)).toEqual({ isDuplicate: true, outputs: undefined });
    await inbox.sent(entry());
  });

  test('work that was given up never takes effect, though it ends: the next attempt does it', async () => {
    const once = entry();
    const gate = new Gate();
    const begun = new Gate();
    const giveUp = new AbortController();
    const first = inbox
      .once(
        once,
        async () => {
          begun.open();
          await gate.passed;
          return 'late';
        },
        giveUp.signal,
      )
      .then(
        () => 'took effect',
        () => 'refused',
      );
    await begun.passed;
    giveUp.abort(new Error('timeout'));
    const work = counted();
    expect(await inbox.once(once, work.work, never)).toEqual({ isDuplicate: false, outputs: undefined });
    gate.open();
    expect(await first).toBe('refused');
    expect(await inbox.once(once, work.work, never)).toEqual({ isDuplicate: true, outputs: undefined });
    expect(work.done).toBe(1);
  });

  test('a message that comes after its window is handled again, one that comes within is not', async () => {
    const short = entry({ windowMs: 60 });
    const work = counted();
    await inbox.once(short, work.work, never);
    expect((await inbox.once(short, work.work, never)).isDuplicate).toBe(true);
    const again = await eventually(async (): Promise<InboxAnswer> => {
      const answer = await inbox.once(short, work.work, never);
      expect(answer.isDuplicate).toBe(false);
      return answer;
    });
    expect({ again, done: work.done }).toEqual({ again: { isDuplicate: false, outputs: undefined }, done: 2 });
  });

  test('it can be closed and opened again, and remembers', async () => {
    const once = entry();
    const work = counted();
    await inbox.once(once, work.work, never);
    await inbox.close();
    await inbox.close();
    inbox = await subject().instance();
    await inbox.once(once, work.work, never);
    expect(work.done).toBe(1);
  });
}
