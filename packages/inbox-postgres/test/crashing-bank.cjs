// A bank that is killed in the middle of a payment: `handler` before the commit, `sending` after it and before the receipt.
const { MemoryBroker, memoryBinder } = require('@millrace/binder-memory');
const { channel, Millrace } = require('@millrace/core');
const { PostgresInbox } = require('@millrace/inbox-postgres');

const { url, schema, dies } = JSON.parse(process.argv[2]);
const broker = new MemoryBroker();
const inbox = new PostgresInbox({ connectionString: url, schema });

function die() {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}

async function main() {
  const app = await Millrace.create({
    config: { app: 'bank' },
    binders: [memoryBinder(broker)],
    inbox,
    logger: false,
  });
  await app.sink(channel('payments', 'text'), { idempotent: true }, async (payment) => {
    await inbox.transaction.query(`INSERT INTO ${schema}.postings (id, by) VALUES ($1, 'child')`, [payment]);
    await app.send(channel('receipts', 'text'), `receipt of ${payment}`);
    if (dies === 'handler') await die();
  });
  await app.start();
  if (dies === 'sending') {
    const once = inbox.once.bind(inbox);
    inbox.once = async (...given) => {
      await once(...given);
      return die();
    };
  }
  await broker.publish('payments', {
    payload: Buffer.from('a'),
    headers: { millrace_id: 'a', contentType: 'text/plain' },
  });
}

main();
