import { RefusingChannel } from './rabbitmq-refusing-channel';

/** When a channel is replaced that is opened at once and refuses every 100 ms, for so long. */
function replacements(channel: RefusingChannel, forMs: number): number[] {
  channel.opened(0);
  const times: number[] = [];
  for (let now = 0; now <= forMs; now += 100)
    if (channel.refused(now)) {
      times.push(now);
      channel.opened(now);
    }
  return times;
}

it('one that never takes anything is replaced, after ever longer pauses, at most once a minute in the end', () => {
  const times = replacements(new RefusingChannel(), 300_000);
  expect(times.slice(0, 4)).toEqual([1_000, 3_000, 7_000, 15_000]);
  expect((times.at(-1) ?? 0) - (times.at(-2) ?? 0)).toBe(60_000);
});

it('one that has taken something is well, whatever it refuses later', () => {
  const channel = new RefusingChannel();
  channel.opened(0);
  channel.taken();
  expect(channel.refused(3_600_000)).toBe(false);
});

it('patience is short again after something was taken', () => {
  const channel = new RefusingChannel();
  replacements(channel, 60_000);
  channel.taken();
  expect(replacements(channel, 1_500)).toEqual([1_000]);
});
