import { setTimeout as pause } from 'node:timers/promises';
import type { OwnBroker, ProxyDirection, TcpProxy } from '@millrace/brokers';
import type { PlannedFault } from '../schedule/schedule';
import type { Action, Actions } from './fault';

const DELAY_MS = 100;

/** What can happen to a broker of any kind, and to the way there. */
export function brokerFaults(nodes: readonly OwnBroker[], proxies: readonly TcpProxy[]): Actions {
  const restart: Action = async ({ target, forSeconds }) => {
    const node = nodes[Number(target.split(' ').at(-1)) - 1];
    if (node === undefined) throw new Error(`there is no ${target}`);
    await node.kill();
    await pause(forSeconds * 1_000);
    await node.restart();
  };
  const stall = (direction: ProxyDirection): Action =>
    during(
      () => proxies.forEach((proxy) => void proxy.stall(direction)),
      () => proxies.forEach((proxy) => void proxy.resume()),
    );
  return {
    'broker killed': restart,
    'leader unavailable': restart,
    'connections cut': during(
      () => Promise.all(proxies.map((proxy) => proxy.cut())),
      () => Promise.all(proxies.map((proxy) => proxy.restore())),
    ),
    'connections reset': async () => proxies.forEach((proxy) => void proxy.drop()),
    'connections stalled': stall('both'),
    'requests stalled': stall('requests'),
    'answers stalled': stall('answers'),
    'connections slow': during(
      () => proxies.forEach((proxy) => void proxy.delay(DELAY_MS)),
      () => proxies.forEach((proxy) => void proxy.delay(0)),
    ),
  };
}

function during(begin: () => unknown, end: () => unknown): Action {
  return async ({ forSeconds }: PlannedFault) => {
    await begin();
    try {
      await pause(forSeconds * 1_000);
    } finally {
      await end();
    }
  };
}
