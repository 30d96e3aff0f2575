import { type Candidate, interleave } from '../measure/interleave';
import type { Sample } from '../measure/workload';
import { ORDER_BYTES } from '../orders/order-fields';
import { type Contender, contenderNames, contenders } from '../report/contenders';
import { type Figure, figureOf, type Measured } from '../report/figure';
import type { Effort, SuiteOptions } from '../suite';
import type { BenchBroker } from './bench-broker';
import type { Task } from './task';
import type { BrokerWork } from './work';

const ROUNDS: Readonly<Record<Effort, number>> = { full: 5, quick: 3 };
const FEWEST_MESSAGES = 100;

/** Measures every work that is wanted, one after the other. */
export async function runWorks(broker: BenchBroker, { effort, wants }: SuiteOptions): Promise<readonly Figure[]> {
  const works = broker.works.filter(({ name }) => wants(`${broker.name}.${name}`));
  const figures: Figure[] = [];
  const startedAt = performance.now();
  for (const [index, work] of works.entries()) {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    console.error(`  ${index + 1} of ${works.length}, ${seconds} s: ${broker.name}.${work.name}, ${work.title}`);
    figures.push(...(await runWork(broker, work, effort)));
  }
  return figures;
}

async function runWork(broker: BenchBroker, work: BrokerWork, effort: Effort): Promise<readonly Figure[]> {
  const messages = work.messages[effort];
  const candidates: Candidate[] = [];
  for (const contender of contenderNames) {
    const share = work.contenders[contender];
    const module = broker.modules[contender];
    if (share === undefined || module === undefined) continue;
    const count = Math.min(messages, Math.max(FEWEST_MESSAGES, Math.round(messages * share)));
    const task = await broker.prepare(taskOf(broker, work, contender), work, messages);
    candidates.push({
      name: contender,
      program: { module, factory: work.kind, settings: task },
      messages: count,
      warmUpMessages: count,
      prepare: async (wanted) => broker.feed?.(task, work, wanted),
    });
  }
  const samples = await interleave(candidates, {
    rounds: ROUNDS[effort],
    freshProcesses: work.freshProcesses ?? false,
    progress: (text) => console.error(`    ${text}`),
  });
  const figures = figuresOf(broker, work, samples);
  for (const figure of figures) console.error(`    ${lineOf(figure)}`);
  return figures;
}

function figuresOf(
  { name }: BenchBroker,
  { measures, goals = {}, ...work }: BrokerWork,
  samples: ReadonlyMap<string, readonly Sample[]>,
): Figure[] {
  return measures.map(({ suffix, words, unit, read }) => {
    const measured: Measured = Object.fromEntries([...samples].map(([contender, own]) => [contender, own.map(read)]));
    const facts = {
      name: `${name}.${work.name}${suffix}`,
      title: work.title + words,
      unit,
      goals: goals[suffix] ?? [],
    };
    return figureOf(facts, measured);
  });
}

function taskOf({ name, address }: BenchBroker, work: BrokerWork, contender: Contender): Task {
  const unique = `bench-${work.name}-${contender}`.replaceAll(/[^\w-]/g, '-');
  return {
    broker: name,
    contender,
    address,
    destination: unique,
    output: `${unique}-outputs`,
    callers: 1,
    partitions: 1,
    bytes: ORDER_BYTES,
    handlers: 1,
    asyncHandler: false,
    clockFrom: 'firstDone',
    overlapping: false,
    invalid: false,
    validated: contender !== 'millraceUnchecked',
    alike: contender === 'rawAlike',
    unique,
    ...work.task,
  };
}

/** For those who wait. */
function lineOf(figure: Figure): string {
  const values = contenderNames
    .filter((each) => figure[each] !== undefined)
    .map((each) => `${contenders[each]} ${Number(figure[each]?.toPrecision(3))}`);
  return `${figure.name} in ${figure.unit}: ${values.join(', ')}`;
}
