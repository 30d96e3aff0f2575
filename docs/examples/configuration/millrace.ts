import { defineConfig } from '@millrace/core';

export default defineConfig(() => ({
  app: 'coffee-shop',
  binders: { local: { type: 'memory' } },
  bindings: { orders: { consumer: { concurrency: process.env.CI ? 1 : 4 } } },
}));
