// Plain JavaScript, CommonJS: no decorators.
require('reflect-metadata');
const { channel, Millrace } = require('@millrace/core');

class Order {
  constructor(drink) {
    this.drink = drink;
  }
}
const orders = channel('orders', Order);

async function main() {
  const app = await Millrace.create({ config: { app: 'shop', binders: { local: { type: 'memory' } } } });
  const served = new Promise((resolve) => {
    app.sink(orders, { group: 'baristas' }, (order) => resolve(`hot ${order.drink}`));
  });
  await app.start();
  await app.send(orders, new Order('latte'));
  const name = await served;
  await app.stop();
  console.log(name);
  process.exitCode = name === 'hot latte' ? 0 : 1;
}

// Stays 1 when a promise is forgotten.
process.exitCode = 1;
main();
