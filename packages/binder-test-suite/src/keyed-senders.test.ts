import assert from 'node:assert/strict';
import type { OutboundRecord, ProducerBinding } from '@millrace/core/spi';
import { KeyedSenders } from './keyed-senders';

/** Keeps what it takes; refuses what it is told to. */
function takes(refuses: (name: string) => boolean = () => false): { producer: ProducerBinding; texts: string[] } {
  const texts: string[] = [];
  const send = async ({ payload }: OutboundRecord): Promise<void> => {
    const name = Buffer.from(payload ?? []).toString();
    if (refuses(name)) throw new Error(`refused ${name}`);
    texts.push(name);
  };
  return { texts, producer: { send, close: async () => undefined } };
}

describe('KeyedSenders', () => {
  it('each key counts up, until the end', async () => {
    const { producer, texts } = takes();
    const traffic = new KeyedSenders(producer, { keys: 3, pauseMs: 1 });
    await traffic.flows(30);
    await traffic.end();
    assert.deepEqual(texts, traffic.confirmed);
    assert.deepEqual(new Set(texts.map((each) => each[0])), new Set(['0', '1', '2']));
    assert.equal(await traffic.arrived(() => texts, { inOrder: true }), 0);
    assert.equal(texts.length, traffic.confirmed.length);
  });

  it('what is rejected is sent again, and the reason kept', async () => {
    const refused: string[] = [];
    const { producer, texts } = takes((name) => name === '0:2' && refused.push(name) <= 3);
    const traffic = new KeyedSenders(producer, { keys: 1, pauseMs: 1 });
    await traffic.flows(5);
    await traffic.end();
    assert.deepEqual(traffic.rejections.map(String), Array(3).fill('Error: refused 0:2'));
    assert.equal(await traffic.arrived(() => texts, { inOrder: true }), 0);
  });

  it('says what stands still, and what was rejected last', async () => {
    const traffic = new KeyedSenders(takes(() => true).producer, { keys: 1, pauseMs: 1, timeoutMs: 20 });
    await assert.rejects(
      traffic.flows(1),
      /still not so after 20 ms: 0 of 1 confirmed; last rejected: Error: refused 0:0/,
    );
    await traffic.end();
  });

  it('counts repetitions; misses what was confirmed; order counts where it is asked for, and by first arrivals', async () => {
    const { producer } = takes();
    const traffic = new KeyedSenders(producer, { keys: 2, pauseMs: 1, timeoutMs: 20 });
    await traffic.flows(10, 10_000);
    await traffic.end();
    const sent = traffic.confirmed;
    const again = [...sent, '0:0', '1:0'];
    assert.equal(await traffic.arrived(() => again, { inOrder: true }), 2);
    const swapped = ['0:1', ...sent.filter((each) => each !== '0:1')];
    assert.equal(await traffic.arrived(() => swapped), 0);
    await assert.rejects(
      traffic.arrived(() => swapped, { inOrder: true }),
      /^Error: 0: 1 came before 0$/,
    );
    await assert.rejects(
      traffic.arrived(() => sent.slice(1)),
      /are missing: [01]:0$/,
    );
  });
});
