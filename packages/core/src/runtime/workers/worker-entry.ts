// What each worker thread runs. `handle` is the task of the pool: a promise of it, so that a thread counts as ready when it is set up.
import { BroadcastChannel, workerData } from 'node:worker_threads';
import { carriedError } from '../../errors/carried-error';
import { loadWorkerParts } from './load-worker-parts';
import type { WorkerAnswer, WorkerCall, WorkerRequest, WorkerSetup } from './worker-messages';
import { WorkerSinks } from './worker-sinks';

type Answering = (request: WorkerRequest) => Promise<WorkerAnswer>;

const done: WorkerAnswer = Object.freeze({ kind: 'done', outputs: [] });

/** Never rejects: what is wrong is the answer to every request. */
async function setUp(setup: WorkerSetup): Promise<Answering> {
  try {
    const sinks = await WorkerSinks.open(setup, await loadWorkerParts(setup.module));
    listen(setup.calls, (call) => {
      if (call === 'look') sinks.look();
    });
    return async (request) => {
      if (request.kind === 'handle') return sinks.handle(request);
      if (request.kind === 'end') await sinks.close();
      return done;
    };
  } catch (thrown) {
    const error = carriedError(thrown);
    listen(setup.calls, (call) => {
      if (call === 'leave') process.exit();
    });
    return async () => ({ kind: 'unfit', error });
  }
}

function listen(name: string, hear: (call: WorkerCall) => void): void {
  const calls = new BroadcastChannel(name);
  calls.onmessage = (event: unknown) => hear((event as { readonly data: WorkerCall }).data);
  calls.unref();
}

export const handle: Promise<Answering> = setUp(workerData as WorkerSetup);
