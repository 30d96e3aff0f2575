import { orderLatte } from './shop.js';

// Stays 1 when the promise is forgotten.
process.exitCode = 1;
orderLatte().then((name) => {
  console.log(name);
  process.exitCode = name === 'hot latte' ? 0 : 1;
});
