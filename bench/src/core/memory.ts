import { oneRun } from '../measure/one-run';
import { type Figure, singleFigure } from '../report/figure';
import type { StartStopResult } from './start-stop';
import type { StuckSinkResult } from './stuck-sink';

const MOST_GROWTH_BEHIND_STUCK_SINK_MB = 100;
/** A hundred cycles that each kept ten kilobytes would show. */
const MOST_GROWTH_OF_CYCLES_MB = 1;

/** The figures, by name. */
export const memoryNames = [
  ...['core.stuck-sink.resident', 'core.stuck-sink.heap', 'core.start-stop.handles', 'core.start-stop.heap'],
];

export async function memoryFigures(): Promise<readonly Figure[]> {
  return [...(await stuckSinkFigures()), ...(await startStopFigures())];
}

async function stuckSinkFigures(): Promise<Figure[]> {
  console.error('  a sink that never settles');
  const { sent, before, after } = await oneRun<StuckSinkResult>(require.resolve('./stuck-sink'));
  const title = `a sink that never settles, 1,000,000 messages offered, ${sent.toLocaleString('en-US')} taken before send() waits`;
  return [
    growth('core.stuck-sink.resident', `${title}: growth of resident memory`, after.resident - before.resident),
    growth('core.stuck-sink.heap', `${title}: growth of the heap`, after.heap - before.heap),
  ];

  function growth(name: string, titleOf: string, megabytes: number): Figure {
    const goals = [{ atMost: MOST_GROWTH_BEHIND_STUCK_SINK_MB }];
    return singleFigure({ name, title: titleOf, unit: 'MB', goals }, megabytes);
  }
}

async function startStopFigures(): Promise<Figure[]> {
  console.error('  a hundred starts and stops');
  const { handlesLeft, before, after } = await oneRun<StartStopResult>(require.resolve('./start-stop'));
  if (handlesLeft.length > 0) console.error(`  handles left: ${handlesLeft.join(', ')}`);
  return [
    singleFigure(
      {
        name: 'core.start-stop.handles',
        title: '100 starts and stops: handles left',
        unit: 'handles',
        goals: [{ atMost: 0 }],
      },
      handlesLeft.length,
    ),
    singleFigure(
      {
        name: 'core.start-stop.heap',
        title: '100 starts and stops: growth of the heap',
        unit: 'MB',
        goals: [{ atMost: MOST_GROWTH_OF_CYCLES_MB }],
      },
      after.heap - before.heap,
    ),
  ];
}
