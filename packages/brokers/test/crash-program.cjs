// Starts a process as a broker is started, says which one, and waits to be killed.
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { OwnedProcess } = require(process.argv[2]);

const folder = mkdtempSync(join(tmpdir(), 'millrace-crash-'));
// The inner one is a process that the broker starts: it has to go too.
const command = ['/bin/sh', '-c', 'sleep 600 & sleep 600'];
OwnedProcess.start({ command, folder, logFile: join(folder, 'log') }).then(({ pid }) => {
  process.stdout.write(`${pid}\n`);
  setInterval(() => undefined, 1_000);
});
