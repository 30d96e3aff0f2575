import { setImmediate as turn } from 'node:timers/promises';
import { Attempt, MessageContext } from './message-context';

const attempt = (): Attempt => new Attempt(undefined, 'immediate');

describe.each(['nobody can ask yet', 'somebody can ask'])('while %s', (who) => {
  function contextOf(): MessageContext {
    const context = new MessageContext();
    if (who === 'somebody can ask') context.open();
    return context;
  }

  it('knows the attempt in all that a handler awaits', async () => {
    const context = contextOf();
    const [one, other] = [attempt(), attempt()];
    const seen = [one, other].map((each) =>
      context.run(each, async () => {
        await turn();
        return context.current;
      }),
    );
    expect(await Promise.all(seen)).toEqual([one, other]);
    expect(context.current).toBeUndefined();
  });

  it('knows the attempt in code that is done at once, and in an attempt that begins inside of it that other', async () => {
    const context = contextOf();
    const [outer, inner] = [attempt(), attempt()];
    const begun = context.run(
      outer,
      () => {
        const before = context.current;
        const within = context.run(inner, async () => {
          const first = context.current;
          await turn();
          return [first, context.current];
        });
        return { seen: [before, context.current], within };
      },
      true,
    );
    expect(begun.seen).toEqual([outer, outer]);
    expect(await begun.within).toEqual([inner, inner]);
    expect(context.current).toBeUndefined();
  });

  it('knows none after code that has thrown', () => {
    const context = contextOf();
    const failing = (): void =>
      context.run(
        attempt(),
        () => {
          throw new Error('no');
        },
        true,
      );
    expect(failing).toThrow('no');
    expect(context.current).toBeUndefined();
  });
});

it('follows what code that is done at once leaves behind only where somebody can ask', async () => {
  const context = new MessageContext();
  const left = (): Promise<Attempt | undefined> =>
    context.run(attempt(), () => ({ later: turn().then(() => context.current) }), true).later;
  expect(await left()).toBeUndefined();
  context.open();
  expect(await left()).toBeDefined();
});
