import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { MemoryBroker, memoryBinder } from '@millrace/binder-memory';
import { brokerOrSkip } from '@millrace/brokers';
import { channel, headerNames, Millrace } from '@millrace/core';
import { eventually } from '../../core/test/eventually';
import { PostgresInbox } from '../src/index';
import { Ledger } from './ledger';

const { address, skip } = brokerOrSkip('postgres');
const suite = skip === undefined ? describe : describe.skip;

suite('a process that is killed', () => {
  let ledger: Ledger;
  beforeEach(async () => {
    ledger = await Ledger.create(address);
  });
  afterEach(() => ledger.drop());

  /** Runs the bank until it is dead. */
  async function crash(dies: 'handler' | 'sending'): Promise<void> {
    const task = JSON.stringify({ url: address, schema: ledger.schema, dies });
    const child = spawn(process.execPath, [join(__dirname, 'crashing-bank.cjs'), task], { stdio: 'inherit' });
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
  }

  /** Another instance gets the message that nobody has acknowledged. */
  async function recover(): Promise<{ outcomes: string[]; receipts: string[] }> {
    const broker = new MemoryBroker();
    const inbox = new PostgresInbox({ pool: ledger.newPool(), schema: ledger.schema });
    const app = await Millrace.create({
      config: { app: 'bank' },
      binders: [memoryBinder(broker)],
      inbox,
      logger: false,
    });
    const outcomes: string[] = [];
    app.events.on('delivery', ({ outcome }) => outcomes.push(outcome));
    await app.sink(channel('payments', 'text'), { idempotent: true }, async (payment) => {
      await inbox.transaction.query(ledger.insert, [payment, 'another']);
      await app.send(channel('receipts', 'text'), `receipt of ${payment}`);
    });
    await app.start();
    const headers = { [headerNames.id]: 'a', [headerNames.contentType]: 'text/plain' };
    for (let time = 0; time < 2; time += 1) await broker.publish('payments', { payload: Buffer.from('a'), headers });
    await eventually(() => expect(outcomes).toHaveLength(2));
    const receipts = broker.records('receipts').map(({ payload }) => Buffer.from(payload ?? []).toString());
    await app.stop();
    return { outcomes, receipts };
  }

  test('between the handler and the commit has done nothing: another instance does it', async () => {
    await crash('handler');
    await eventually(async () => expect([await ledger.postings(), await ledger.marks()]).toEqual([[], []]));
    expect(await recover()).toEqual({ outcomes: ['ack', 'duplicate'], receipts: ['receipt of a'] });
    expect(await ledger.postings()).toEqual(['a']);
  }, 60_000);

  test('after the commit, before its outputs: another instance does not do it again, and sends them', async () => {
    await crash('sending');
    expect(await ledger.postings()).toEqual(['a']);
    expect(await ledger.marks()).toMatchObject([{ message_id: 'a', outputs: expect.stringContaining('receipts') }]);
    expect(await recover()).toEqual({ outcomes: ['duplicate', 'duplicate'], receipts: ['receipt of a'] });
    expect(await ledger.postings()).toEqual(['a']);
    expect(await ledger.marks()).toMatchObject([{ message_id: 'a', outputs: null }]);
  }, 60_000);
});
