import { setTimeout as pause } from 'node:timers/promises';
import type { Cast } from '../cast/cast';
import type { ProcessCast } from '../cast/process-cast';
import type { PlannedFault } from '../schedule/schedule';
import type { Action, Actions } from './fault';

/** SIGKILL, SIGTERM, SIGSTOP, and members who come and go. */
export function processFaults(cast: ProcessCast): Actions {
  return {
    ...comingAndGoing(cast, 'killed'),
    'consumer frozen': async ({ target, forSeconds }) => {
      cast.freeze(target);
      try {
        await pause(forSeconds * 1_000);
      } finally {
        cast.thaw(target);
      }
    },
  };
}

/** What can be done to members wherever they live; `killed` is the place's own word for the hardest end. */
export function comingAndGoing(cast: Cast, killed: string): Actions {
  const kill = againAfter(cast, (member) => cast.kill(member));
  const drain = againAfter(cast, (member) => cast.drain(member));
  return {
    [`consumer ${killed}`]: kill,
    [`processor ${killed}`]: kill,
    [`producer ${killed}`]: kill,
    'consumer drained': drain,
    'processor drained': drain,
    'producer drained': drain,
    'member added': async ({ target, forSeconds }, hit) => {
      await cast.start(target);
      await pause(forSeconds * 1_000);
      hit();
      await cast.drain(target);
    },
  };
}

function againAfter(cast: Cast, end: (member: string) => Promise<void>): Action {
  return async ({ target, forSeconds }: PlannedFault) => {
    await end(target);
    await pause(forSeconds * 1_000);
    await cast.start(target);
  };
}
