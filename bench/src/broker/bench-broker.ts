import type { Contender } from '../report/contenders';
import type { Task } from './task';
import type { BrokerWork } from './work';

/** A broker that was started for the measurements, and its contenders. */
export interface BenchBroker {
  readonly name: Task['broker'];
  readonly address: string;
  readonly works: readonly BrokerWork[];
  /** Its own version and those of its contenders' packages. */
  readonly versions: Readonly<Record<string, string>>;
  /** The module of a contender's workloads; `undefined` where it is not installed. */
  readonly modules: { readonly [C in Contender]?: string };
  /** Makes what the work needs, once before its rounds of so many messages, and says in the task where that is. */
  prepare(task: Task, work: BrokerWork, messages: number): Promise<Task>;
  /** Makes what one round needs that the rounds before have used up. */
  feed?(task: Task, work: BrokerWork, messages: number): Promise<void>;
}
