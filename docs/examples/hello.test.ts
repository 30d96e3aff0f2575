test('an application runs until it is told to stop', async () => {
  const written: string[] = [];
  jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
  const heard = new Promise<void>((resolve) => {
    jest.spyOn(console, 'log').mockImplementation((line) => {
      written.push(line);
      resolve();
    });
  });
  const before = process.listenerCount('SIGTERM');
  require('./hello');
  await heard;
  process.emit('SIGTERM');
  while (process.listenerCount('SIGTERM') > before) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(written).toEqual(['Hello world']);
  jest.restoreAllMocks();
});
