import { brokerKinds, brokerOrSkip, type OwnDestinations, ownDestinations } from '@millrace/brokers';
import { cases } from '../src/cases';
import { configuration, runPostOffice } from '../src/post-office';
import type { Chapter, Entry, Letter, Story } from '../src/story';

const kafka = brokerOrSkip('kafka');
const rabbitmq = brokerOrSkip('rabbitmq');

/** The same post office, and only the environment differs. */
const runs = [
  { binder: 'memory', settings: {}, skip: undefined },
  { binder: 'kafka', settings: brokerKinds.kafka.settings(kafka.address), skip: kafka.skip },
  { binder: 'rabbit', settings: brokerKinds.rabbitmq.settings(rabbitmq.address), skip: rabbitmq.skip },
];

for (const { binder, settings, skip } of runs) {
  const describeIt = skip === undefined ? describe : describe.skip;
  describeIt(skip === undefined ? `on ${binder}` : `on ${binder}: ${skip}`, () => {
    const lines: string[] = [];
    let own: OwnDestinations;
    let story: Story | undefined;

    beforeAll(async () => {
      own = ownDestinations(configuration('millrace.yaml'), 'post');
      jest.replaceProperty(process, 'env', { ...process.env, ...settings });
      story = await runPostOffice(own.file, (line) => lines.push(line));
      // Ten bindings and ten cases, one after the other, beside whatever else a run of all tests does to broker and machine.
    }, 60_000);

    afterAll(() => {
      // Of a story without an end: how far it came.
      if (story === undefined) process.stdout.write(`on ${binder}:\n${lines.join('\n')}\n`);
      jest.restoreAllMocks();
      own.remove();
    });

    test('in place: attempts are numbered, waits double, and what is behind waits', () => {
      expect(chapter('Retry in place').entries).toEqual([
        { kind: 'failed', attempt: 1, delayMs: 50, reason: 'nobody opens at Sleepy Lane 1' },
        { kind: 'failed', attempt: 2, delayMs: 100, reason: 'nobody opens at Sleepy Lane 1' },
        { kind: 'handled', attempt: 3, text: 'parcel 1 handed over at Sleepy Lane 1' },
        { kind: 'handled', attempt: 1, text: 'parcel 2 handed over at Mill Lane 2' },
      ]);
    });

    test('attempts used up: a dead letter with reason and count, where the configuration says', () => {
      const { entries, endings } = chapter('Attempts used up');
      expect(entries.filter(isOf('failed')).map(({ attempt }) => attempt)).toEqual([1, 2]);
      expect(endings).toEqual(['deadLetter']);
      expect(letters('Attempts used up')).toEqual([
        {
          kind: 'failed',
          reason: 'nobody opens at Empty House 7',
          attempts: 3,
          destination: `${own.prefix}.doorbell`,
          text: '{"number":1,"address":"Empty House 7"}',
        },
      ]);
    });

    test('rungs: set aside after each round, attempts counted on, others not held up', () => {
      const { entries, endings } = chapter('Delayed rungs');
      const waits = entries.filter(isOf('failed')).map(({ attempt, delayMs }) => [attempt, delayMs]);
      expect(waits).toEqual([
        [1, 20],
        [2, 100],
        [3, 20],
        [4, 200],
      ]);
      expect(entries.filter(isOf('setAside')).map(({ attempt }) => attempt)).toEqual([2, 4]);
      expect(handled('Delayed rungs')).toEqual([
        '1: parcel 2 for the next town passed',
        '5: parcel 1 for Overseas passed',
      ]);
      expect(endings).toEqual(['ack', 'ack']);
    });

    test('Reject: no second attempt', () => {
      expect(chapter('Reject').entries.filter(isOf('failed'))).toEqual([]);
      expect(letters('Reject')).toMatchObject([
        {
          kind: 'failed',
          reason: 'there is no Nowhere Road in this town',
          attempts: 1,
          destination: `${own.prefix}.round`,
        },
      ]);
      expect(handled('Reject')).toEqual(['1: parcel 2 delivered to Mill Lane']);
    });

    test('RetryLater: once more after the time the handler named, others first', () => {
      expect(chapter('RetryLater').entries).toEqual([
        { kind: 'failed', attempt: 1, delayMs: 150, reason: 'the boat to Far Island is out' },
        { kind: 'setAside', attempt: 1 },
        { kind: 'handled', attempt: 1, text: 'parcel 2 shipped to Near Island' },
        { kind: 'handled', attempt: 2, text: 'parcel 1 shipped to Far Island' },
      ]);
    });

    test('invalid: dead letters without a call, with the bytes as they came; what a stranger writes rightly is read', () => {
      const [noJson, noParcel, ...others] = letters('Invalid payload from a stranger');
      expect(noJson).toMatchObject({ kind: 'invalid', attempts: 0, text: 'one parcel, please' });
      expect(noJson?.reason).toContain('the body is not JSON');
      expect(noParcel).toMatchObject({ kind: 'invalid', attempts: 0, text: '{"number":0,"address":""}' });
      expect(noParcel?.reason).toContain('number must not be less than 1; address should not be empty');
      expect(others).toEqual([]);
      expect(handled('Invalid payload from a stranger')).toEqual(['1: parcel 3 for Mill Lane accepted']);
    });

    test('batch: the failed items alone come again, and the bad one alone is dead-lettered', () => {
      expect(handled('Batch')).toEqual(['1: a bag of 5: sorted parcel 1, 3, 5', '2: a bag of 2: sorted parcel 2']);
      const failed = chapter('Batch').entries.filter(isOf('failed'));
      expect(failed.map(({ attempt, reason }) => [attempt, reason])).toEqual([
        [1, 'the address of parcel 2 is smudged'],
        [1, 'the address of parcel 4 is illegible'],
      ]);
      expect(letters('Batch')).toMatchObject([
        {
          kind: 'failed',
          reason: 'the address of parcel 4 is illegible',
          attempts: 2,
          text: '{"number":4,"address":"illegible"}',
        },
      ]);
      expect([...chapter('Batch').endings].sort()).toEqual(['ack', 'ack', 'ack', 'ack', 'deadLetter']);
    });

    test('discard: thrown away and told, not kept', () => {
      const { entries, endings } = chapter('Discard');
      expect(entries).toEqual([{ kind: 'discarded', attempts: 1, reason: '"no advertising" at Brook Street 4' }]);
      expect(endings).toEqual(['discard']);
    });

    test('timeout: the signal fires, the attempt has failed, the next one succeeds', () => {
      const { entries } = chapter('Timeout');
      expect(entries.filter(isOf('told')).map(({ attempt }) => attempt)).toEqual([1]);
      expect(entries.filter(isOf('failed'))).toMatchObject([
        { attempt: 1, delayMs: 50, reason: 'LiftCarrier.ride ran longer than its timeout of 150 ms' },
      ]);
      expect(handled('Timeout')).toEqual(['2: parcel 1 is up at the fifth floor']);
    });

    test('the output has a block for each case and ends with the numbers', () => {
      expect(lines[0]).toBe(`the post office is open, on ${binder}`);
      const headlines = lines.filter((line) => /^\d {2}/.test(line)).map((line) => line.slice(3));
      expect(headlines).toEqual(cases.map(({ title }) => title));
      expect(lines.slice(-3).map((line) => line.trim())).toEqual([
        '9 cases, 19 messages',
        '13 handled, 5 in the dead letter, 1 discarded',
        '12 attempts failed and were followed by another',
      ]);
    });

    function chapter(title: string): Chapter {
      const found = story?.chapters.find((one) => one.title === title);
      if (found === undefined) throw new Error(`there is no case '${title}'`);
      return found;
    }

    function handled(title: string): string[] {
      return chapter(title)
        .entries.filter(isOf('handled'))
        .map(({ attempt, text }) => `${attempt}: ${text}`);
    }

    function letters(title: string): Letter[] {
      return chapter(title)
        .entries.filter(isOf('returned'))
        .map(({ letter }) => letter);
    }
  });
}

function isOf<K extends Entry['kind']>(kind: K): (entry: Entry) => entry is Extract<Entry, { kind: K }> {
  return (entry): entry is Extract<Entry, { kind: K }> => entry.kind === kind;
}
