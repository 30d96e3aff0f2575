import { isDeepStrictEqual } from 'node:util';
import { MillraceError } from '@millrace/core/spi';
import { MemoryBroker } from './memory-broker';
import type { MemoryOptions } from './memory-options';

/** A broker that is used for a while by somebody who may not be alone. */
export interface BrokerUse {
  readonly broker: MemoryBroker;
  /** Closes the broker when nobody else uses it. Harmless when called again. */
  end(): Promise<void>;
}

interface NamedBroker {
  readonly broker: MemoryBroker;
  users: number;
}

/** Brokers by name: made for the first who asks, closed by the last who leaves. */
export class NamedBrokers {
  private readonly brokers = new Map<string, NamedBroker>();

  /** Throws CONFIGURATION_INVALID where the broker is there and has other options. @param binder who asks, for the error */
  use(name: string, options: MemoryOptions, binder: string): BrokerUse {
    const named = this.brokers.get(name) ?? { broker: new MemoryBroker(options), users: 0 };
    requireSame(options, named.broker.options, `binder '${binder}', broker '${name}'`);
    this.brokers.set(name, named);
    named.users += 1;
    let isOver = false;
    const end = async (): Promise<void> => {
      if (isOver) return;
      isOver = true;
      named.users -= 1;
      if (named.users > 0) return;
      this.brokers.delete(name);
      await named.broker.close();
    };
    return { broker: named.broker, end };
  }
}

function requireSame(wanted: MemoryOptions, found: MemoryOptions, where: string): void {
  const keys = Object.keys(found) as (keyof MemoryOptions)[];
  const differing = keys.filter((key) => !isDeepStrictEqual(wanted[key], found[key]));
  if (differing.length === 0) return;
  const faults = differing.map((key) => `${key} is ${JSON.stringify(found[key])}, not ${JSON.stringify(wanted[key])}`);
  throw new MillraceError(
    'CONFIGURATION_INVALID',
    `${where}: another application of this process has made it with other options: ${faults.join('; ')}. Give both the same, or another name`,
    { retryable: false },
  );
}
