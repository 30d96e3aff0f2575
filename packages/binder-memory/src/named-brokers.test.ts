import { eventually } from '../test/eventually';
import { boundTo, context, type OpenBinder, record, sendAll, unique } from '../test/open-binder';
import { binder } from './index';

async function binderAt(options: object): Promise<OpenBinder> {
  return boundTo(await binder.create(context(binder.options.parse(options))));
}

test('binders that name one broker meet there, and no other does', async () => {
  const name = unique('shop');
  const [one, other, stranger, alone] = await Promise.all(
    [{ broker: name }, { broker: name }, { broker: unique('shop') }, {}].map(binderAt),
  );
  const members = [await one?.consumer('orders', { group: 'g' }), await other?.consumer('orders', { group: 'g' })];
  const elsewhere = [
    await stranger?.consumer('orders', { group: 'g' }),
    await alone?.consumer('orders', { group: 'g' }),
  ];
  const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const producer = await other?.producer('orders');
  for (const key of keys) await producer?.send(record(key, { key }));
  await eventually(() => expect(members.flatMap((member) => member?.inbox.texts ?? []).sort()).toEqual(keys));
  for (const member of members) expect(member?.inbox.texts).not.toEqual([]);
  expect(elsewhere.flatMap((member) => member?.inbox.texts ?? [])).toEqual([]);
  await Promise.all([one, other, stranger, alone].map((each) => each?.binder.close()));
});

test('it ends with the last of its binders, and not before', async () => {
  const options = { broker: unique('shop') };
  const first = await binderAt(options);
  const second = await binderAt(options);
  await sendAll(await first.producer('orders'), ['kept']);
  await first.binder.close();
  await first.binder.close();
  const { inbox } = await second.consumer('orders', { group: 'g' });
  await eventually(() => expect(inbox.texts).toEqual(['kept']));
  await second.binder.close();
  const third = await binderAt(options);
  const fresh = await third.consumer('orders', { group: 'g' });
  await sendAll(await third.producer('orders'), ['new']);
  await eventually(() => expect(fresh.inbox.texts).toEqual(['new']));
  await third.binder.close();
});

test('other options are refused: nobody gets a broker that is not as asked for', async () => {
  const name = unique('shop');
  const first = await binderAt({ broker: name, partitions: 2 });
  const asking = binderAt({ broker: name, retention: { records: 5 } });
  await expect(asking).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  await expect(asking).rejects.toThrow(
    new RegExp(
      `binder 'local', broker '${name}': .*partitions is 2, not 4; retention is {"records":10000,.*"records":5,`,
    ),
  );
  await first.binder.close();
  const later = await binderAt({ broker: name, partitions: 3 });
  await later.binder.close();
});
