const HEARTBEAT_MS = 10_000;

/** Says on the error stream what is being done, every ten seconds that it still is, and how long it took. */
export async function withProgress<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const heartbeat = setInterval(() => say(`  … ${name}, ${seconds().toFixed(0)} s so far`), HEARTBEAT_MS);
  try {
    const result = await work();
    say(`✓ ${name}  ${seconds().toFixed(1)} s`);
    return result;
  } catch (error) {
    say(`✗ ${name}  ${seconds().toFixed(1)} s`);
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
