import type { Application, ChannelToken, Message } from '@millrace/core';
import { headerNames, type InboundRecord, type OutboundRecord } from '@millrace/core/spi';

interface SentRecord {
  readonly binding: string;
  readonly record: InboundRecord;
}

/** What the application has sent, as bytes, in order. */
export class SentRecords {
  #records: SentRecord[] = [];

  add(binding: string, destination: string, { payload, headers, key, partition, timestamp }: OutboundRecord): void {
    // The bytes may be the application's own, which may change them after the send.
    const copy = payload && new Uint8Array(payload);
    this.#records.push({
      binding,
      record: { destination, payload: copy, headers, key, partition, timestamp, deliveries: 1 },
    });
  }

  /** Those of a channel and, where classes share it, of its class. Dynamic destinations are those of the channel too. */
  async on<T>(channel: ChannelToken<T>, application: Application): Promise<Message<T>[]> {
    const { name, options, payloadName } = channel;
    const type = options.type ?? payloadName;
    const isOfChannel = (binding: string): boolean => binding === name || binding.startsWith(`${name}>`);
    const isOfType = ({ headers }: InboundRecord): boolean => (headers[headerNames.type] ?? type) === type;
    const records = this.#records.filter(({ binding, record }) => isOfChannel(binding) && isOfType(record));
    return Promise.all(records.map(({ record }) => application.decode(channel, record)));
  }

  clear(): void {
    this.#records = [];
  }
}
