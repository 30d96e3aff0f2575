// The whole cast in one process, around one broker in memory: node memory-host.js '<task as JSON>'. Told what to do over IPC.
import { MemoryBroker, memoryBinder } from '@millrace/binder-memory';
import { type TroubleName, Troubles, troubledBinder } from '../faults/troubled-binder';
import { now } from '../ledger/entry';
import { Ledger } from '../ledger/ledger';
import { ledgerFile } from '../ledger/ledger-reader';
import { LetterKeeper } from './letter-keeper';
import { Member, type MemberTask } from './member';
import { sample } from './sampler';

export interface HostTask {
  readonly folder: string;
  readonly sampleMs: number;
}

/** What it can be told, by name. */
export interface HostCalls {
  start(task: MemberTask): Promise<void>;
  /** Ends a member without a drain: what it has in hand goes back at once. */
  halt(name: string): Promise<void>;
  drain(name: string): Promise<void>;
  trouble(name: TroubleName, ms: number): Promise<void>;
  letters(): Promise<readonly KeptLetter[]>;
  /** After the last member: nothing is left, and the process ends. */
  end(): Promise<void>;
}

/** A dead letter on its way between processes. */
export interface KeptLetter {
  readonly group: string;
  /** Base64. */
  readonly body: string | null;
  readonly errorName: string | undefined;
  readonly errorMessage: string | undefined;
}

export interface HostCall {
  readonly id: number;
  readonly name: keyof HostCalls;
  readonly args: readonly unknown[];
}

export interface HostAnswer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Enough for what is not handled yet, little enough for memory to be flat after the first minute. */
const RETENTION_RECORDS = 5_000;

function hostCalls({ folder, sampleMs }: HostTask): HostCalls {
  const broker = new MemoryBroker({ retention: { records: RETENTION_RECORDS } });
  const troubles = new Troubles();
  const binders = [troubledBinder(memoryBinder(broker), troubles)];
  const members = new Map<string, Member>();
  const keeper = new LetterKeeper(broker);
  const ledger = new Ledger(ledgerFile(folder, 'host', 1));
  const endSamples = sample(sampleMs, (entry) => {
    ledger.write(entry);
    for (const member of members.values()) member.tellHeard();
  });
  const leave = async (name: string, options?: { readonly deadlineMs: number }): Promise<void> => {
    const member = members.get(name);
    members.delete(name);
    await member?.stop(options);
  };
  return {
    start: async (task) => {
      const member = await Member.open(task, binders);
      members.set(task.name, member);
      await member.start();
    },
    halt: (name) => leave(name, { deadlineMs: 0 }),
    drain: (name) => leave(name),
    trouble: (name, ms) => troubles.last(name, ms),
    letters: async () => keeper.all(),
    end: async () => {
      endSamples();
      keeper.end();
      await broker.close();
      ledger.write({ at: now(), what: 'ended' });
      await ledger.close();
      // The way to whoever calls is the last that keeps the process.
      process.channel?.unref();
    },
  };
}

function main(task: HostTask): void {
  process.once('disconnect', () => process.exit(1));
  const calls = hostCalls(task);
  process.on('message', ({ id, name, args }: HostCall) => {
    const call = calls[name] as (...args: readonly unknown[]) => Promise<unknown>;
    call(...args).then(
      (value) => process.send?.({ id, value } satisfies HostAnswer),
      (error: unknown) => process.send?.({ id, error: String(error) } satisfies HostAnswer),
    );
  });
}

main(JSON.parse(process.argv[2] ?? '{}') as HostTask);
