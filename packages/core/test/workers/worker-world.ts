import type { ApplicationOptions, WorkerOptions } from '@millrace/core';
import type { useWorld } from '../world';
import parts from './parts';

export const typescript = { execArgv: ['--require', require.resolve('../fixtures/typescript.cjs')] };

/** The options of an application whose sinks are in worker threads, all made from one module. */
export function inWorkers(more: Partial<ApplicationOptions> = {}): ApplicationOptions {
  const workers: WorkerOptions = { module: require.resolve('./parts'), ...typescript };
  return { ...parts(), workers, ...more };
}

/** Texts of the receipts that have been sent so far. */
export function receiptsIn(world: ReturnType<ReturnType<typeof useWorld>>): string[] {
  return world.broker.records('receipts').map(({ payload }) => JSON.parse(textOf(payload)).order as string);
}

export function textOf(payload: Uint8Array | null): string {
  return Buffer.from(payload ?? []).toString();
}
