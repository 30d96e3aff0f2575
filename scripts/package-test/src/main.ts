import { orderLatte } from './shop.js';

orderLatte().then((name) => {
  console.log(name);
  process.exitCode = name === 'hot latte' ? 0 : 1;
});
