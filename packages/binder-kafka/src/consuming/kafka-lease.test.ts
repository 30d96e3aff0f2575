import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaLease } from './kafka-lease';
import { KafkaTenure } from './kafka-tenure';

it('lasts for the session timeout from when the group was asked, not from when it answered', async () => {
  const lease = new KafkaLease(100, () => undefined);
  expect(lease.isOver).toBe(true);
  lease.renew(performance.now() - 80);
  expect(lease.isOver).toBe(false);
  await sleep(25);
  expect(lease.isOver).toBe(true);
});

it('an answer that comes late takes nothing back from one that was asked for later', () => {
  const lease = new KafkaLease(100, () => undefined);
  lease.renew(performance.now());
  lease.renew(performance.now() - 99);
  expect(lease.isOver).toBe(false);
});

it('tells when it is not over any more, and nothing else', async () => {
  let renewed = 0;
  const lease = new KafkaLease(20, () => {
    renewed += 1;
  });
  lease.renew(performance.now());
  lease.renew(performance.now());
  expect(renewed).toBe(1);
  await sleep(25);
  lease.renew(performance.now() - 21);
  expect(renewed).toBe(1);
  lease.renew(performance.now());
  expect(renewed).toBe(2);
});

it('a tenure that was seen to be over stays so, also when the lease is renewed', () => {
  const lease = { isOver: false };
  const [seen, unseen] = [new KafkaTenure(lease), new KafkaTenure(lease)];
  lease.isOver = true;
  expect(seen.isOver).toBe(true);
  lease.isOver = false;
  expect([seen.isOver, seen.isEnded, unseen.isOver]).toEqual([true, true, false]);
});
