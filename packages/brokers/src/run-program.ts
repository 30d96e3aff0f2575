import { execFile } from 'node:child_process';

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

const OUTPUT_LIMIT = 16 * 1024 * 1024;

/** Runs a program to its end and gives its standard output; a failure carries what the program said. */
export function runProgram(program: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { cwd, env, timeoutMs = 60_000 } = options;
    const settings = { cwd, env: { ...process.env, ...env }, timeout: timeoutMs, maxBuffer: OUTPUT_LIMIT };
    const child = execFile(program, args, settings, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = `${stderr}\n${stdout}`.trim();
      reject(new Error(`${program} ${args[0] ?? ''} failed: ${said === '' ? error.message : said}`, { cause: error }));
    });
    child.stdin?.end();
  });
}
