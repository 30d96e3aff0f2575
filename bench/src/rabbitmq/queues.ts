// Queues that all contenders can share: declared as Spring Cloud Stream does it, and Millrace after it.

/** The group that reads, in every contender. */
export const GROUP = 'readers';
/** What NestJS writes into every message beside the payload. */
export const NEST_PATTERN = 'orders';
export const contentType = 'application/json';

export function queueOf(destination: string): string {
  return `${destination}.${GROUP}`;
}

export function queueArguments(queue: string): Record<string, string> {
  return { 'x-dead-letter-exchange': 'DLX', 'x-dead-letter-routing-key': queue };
}
