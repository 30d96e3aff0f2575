import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Deliveries, numbers, text, unique, until } from '@millrace/binder-test-suite';
import { type OwnKafka, startKafka } from '@millrace/brokers';
import {
  type AclEntry,
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  ResourcePatternTypes,
} from 'kafkajs';
import type { KafkaOptionsInput } from '../src/kafka-options';
import { BackDoor } from './back-door';
import { Rig } from './rig';
import { itOnOwnKafka as it } from './with-kafka';

let kafka: OwnKafka;
let backDoor: BackDoor;
let admin: Admin;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  // Whoever comes through the listener without a log-in may do all; the user of the other one what he is allowed.
  const properties = {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  };
  kafka = await startKafka({ secure: true, properties });
  backDoor = new BackDoor(kafka.directBrokers);
  admin = await backDoor.admin();
}, 120_000);
afterAll(async () => {
  await backDoor?.close();
  await kafka?.stop();
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function barista(changes: KafkaOptionsInput = {}): Rig {
  const { brokers, username, password, certificates } = kafka.secure;
  const rig = new Rig({
    brokers,
    ssl: { ca: certificates.authorityFile },
    sasl: { mechanism: 'scram-sha-256', username, password },
    metadataMaxAge: '1s',
    ...changes,
  });
  cleanUps.push(() => rig.close());
  return rig;
}

async function newTopic(): Promise<string> {
  const topic = unique('orders');
  const master = new Rig({ brokers: kafka.brokers });
  await master.producer(topic, { partitionCount: 1 });
  await master.close();
  return topic;
}

function right(kind: 'TOPIC' | 'GROUP', resourceName: string, operation: 'READ' | 'WRITE' | 'DESCRIBE'): AclEntry {
  return {
    resourceType: AclResourceTypes[kind],
    resourceName,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: `User:${kafka.secure.username}`,
    host: '*',
    operation: AclOperationTypes[operation],
    permissionType: AclPermissionTypes.ALLOW,
  };
}

async function grant(...acl: AclEntry[]): Promise<void> {
  await admin.createAcls({ acl });
}

async function withdraw(...acl: AclEntry[]): Promise<void> {
  await admin.deleteAcls({ filters: acl });
}

describe('I16 no permission', () => {
  it('a topic, and a group, that the user may not use fail the start soon, with what to do', async () => {
    const topic = await newTopic();
    const group = unique('baristas');
    const startedAt = Date.now();
    const refused = { code: 'BINDER_FAILED', retryable: false };
    const message = expect.stringMatching(
      new RegExp(`topic ${topic}: TOPIC_AUTHORIZATION_FAILED: this user may not use the topic: grant it`),
    );
    await expect(barista().producer(topic)).rejects.toMatchObject({ ...refused, message });
    await expect(barista().consumer(topic, { group })).rejects.toMatchObject({ ...refused, message });
    const retryTopic = `${topic}.${group}.retry`;
    await grant(right('TOPIC', topic, 'READ'));
    await expect(
      barista({ provision: 'none' }).consumer(topic, { group, deadLetter: undefined }),
    ).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining(`topic ${retryTopic}: TOPIC_AUTHORIZATION_FAILED`),
    });
    await grant(right('TOPIC', retryTopic, 'DESCRIBE'));
    await expect(
      barista({ provision: 'none' }).consumer(topic, { group, deadLetter: undefined }),
    ).rejects.toMatchObject({
      ...refused,
      message: expect.stringMatching(/GROUP_AUTHORIZATION_FAILED: this user may not use the group: grant it/),
    });
    expect(Date.now() - startedAt).toBeLessThan(20_000);
    expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).not.toContain(group);
  }, 60_000);

  it('a send that is not allowed rejects at once and is not tried again; once it is, sends go through', async () => {
    const topic = await newTopic();
    await grant(right('TOPIC', topic, 'DESCRIBE'));
    const rig = barista({ provision: 'verify' });
    const producer = await rig.producer(topic);
    const startedAt = Date.now();
    await expect(producer.send(text('refused'))).rejects.toMatchObject({
      code: 'SEND_FAILED',
      retryable: false,
      message: expect.stringMatching(/TOPIC_AUTHORIZATION_FAILED: this user may not use the topic/),
    });
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(rig.trouble?.message).toMatch(/TOPIC_AUTHORIZATION_FAILED/);
    await grant(right('TOPIC', topic, 'WRITE'));
    await producer.send(text('allowed'));
    await until(() => rig.trouble === undefined);
    expect((await backDoor.records(topic)).map(({ payload }) => String(payload))).toEqual(['allowed']);
  }, 60_000);

  it('a right that is withdrawn while all runs: health down with the reason; given again, reading goes on', async () => {
    const topic = await newTopic();
    const group = unique('baristas');
    const rights = [right('TOPIC', topic, 'READ'), right('GROUP', group, 'READ')] as const;
    await grant(...rights, right('TOPIC', `${topic}.${group}.retry`, 'DESCRIBE'));
    const rig = barista({ provision: 'none' });
    const inbox = new Deliveries();
    await rig.consumer(topic, { group, deadLetter: undefined, deliver: inbox.deliver });
    await backDoor.publish(topic, { payload: Buffer.from('before') });
    await inbox.until(1);
    await withdraw(rights[0]);
    await until(
      () => /AUTHORIZATION_FAILED/.test(rig.trouble?.message ?? ''),
      30_000,
      () => rig.troubles.join(),
    );
    await backDoor.publish(topic, { payload: Buffer.from('after') });
    expect(inbox.texts).toEqual(['before']);
    await grant(rights[0]);
    await until(() => inbox.texts.includes('after'), 40_000);
    await until(() => rig.trouble === undefined);
  }, 120_000);
});

describe('I17 a quota', () => {
  /** With the broker's own tool. */
  const quota = async (...change: string[]): Promise<void> => {
    const libraries = join(__dirname, '..', '..', '..', '.brokers', 'kafka', 'libs', '*');
    const tool = ['-cp', libraries, 'kafka.admin.ConfigCommand', '--bootstrap-server', kafka.directBrokers[0] ?? ''];
    await promisify(execFile)('java', [...tool, '--alter', ...change, '--entity-type', 'clients', '--entity-default']);
  };

  it('slows sends down: they wait, none is lost, and no trouble is reported', async () => {
    const topic = unique('orders');
    const rig = new Rig({ brokers: kafka.brokers, clientId: unique('shop') });
    cleanUps.push(() => rig.close());
    const producer = await rig.producer(topic, { partitionCount: 1 });
    await quota('--add-config', 'producer_byte_rate=30000');
    cleanUps.push(() => quota('--delete-config', 'producer_byte_rate'));
    const startedAt = Date.now();
    for (const each of numbers(10)) await producer.send(text(each.padEnd(50_000, '.')));
    // The broker counts over eleven seconds: two thirds of these pass at once.
    expect(Date.now() - startedAt).toBeGreaterThan(1_500);
    const found = (await backDoor.records(topic)).map(({ payload }) => String(payload)[0]);
    expect(found).toEqual(numbers(10));
    expect(rig.troubles).toEqual([]);
  }, 120_000);
});
