// #region test
import { testApplication } from '@millrace/testing';
import parts, { Picture, Thumbnail } from './workers';

test('a picture becomes a thumbnail', async () => {
  const studio = await testApplication({ ...parts, config: { app: 'studio' } });
  await studio.emit(Picture, Object.assign(new Picture(), { album: 'sea', pixels: [1, 2, 6] }));
  await studio.settled();
  expect(await studio.sent(Thumbnail)).toMatchObject([{ payload: { album: 'sea', grey: 3 } }]);
  await studio.stop();
});

// #endregion

import { join } from 'node:path';
import { type Application, Millrace } from '@millrace/core';

const execArgv = ['--require', require.resolve('../../packages/core/test/fixtures/typescript.cjs')];

// #region watch
function watch(app: Application, alert: (line: string) => void): void {
  app.events.on('worker', ({ binding, error }) => alert(`${binding}: a thread has ended: ${error.message}`));
  const lost = app.health().bindings.map(({ workers }) => workers?.lost ?? 0);
  if (lost.some((count) => count > 10)) alert('threads do not last');
}
// #endregion

test('the same in threads', async () => {
  const module = join(__dirname, 'workers.ts');
  const config = { app: 'studio', bindings: { pictures: { consumer: { workers: 1 } } } };
  const app = await Millrace.create({ ...parts, workers: { module, execArgv }, config, logger: false });
  const alerts: string[] = [];
  watch(app, (line) => alerts.push(line));
  try {
    const developed = new Promise<Thumbnail>((resolve) => app.sink(Thumbnail, { group: 'albums' }, resolve));
    await app.start();
    await app.send(Picture, Object.assign(new Picture(), { album: 'sea', pixels: [1, 2, 6] }));
    expect(await developed).toMatchObject({ grey: 3 });
    expect(alerts).toEqual([]);
  } finally {
    await app.stop();
  }
});
