import { type HeaderValue, MillraceError, type OutboundRecord } from '@millrace/core/spi';

/** A short string of AMQP. */
const LONGEST_KEY = 255;
const PLACE = /\{(destination|key|headers\.[^{}]+)\}/g;

/**
 * Routing keys of a producer. Text is taken apart once; `{destination}`, `{key}` and `{headers.name}` stand for parts of the
 * record. A record with a partition gets its number behind the key, as in Spring Cloud Stream.
 *
 * @param template text, or a function of the record that gives text
 */
export function routingKeys(template: unknown, destination: string): (record: OutboundRecord) => string {
  const keyOf =
    typeof template === 'function'
      ? byFunction(template as (record: OutboundRecord) => unknown, destination)
      : byText(String(template), destination);
  return (record) => {
    const { partition } = record;
    const key = partition === undefined ? keyOf(record) : `${keyOf(record)}-${partition}`;
    if (key.length * 3 > LONGEST_KEY && Buffer.byteLength(key) > LONGEST_KEY)
      throw failed(destination, `'${key.slice(0, 40)}…' has more than ${LONGEST_KEY} bytes`);
    return key;
  };
}

function byText(template: string, destination: string): (record: OutboundRecord) => string {
  const fixed = template.replaceAll('{destination}', () => destination);
  if (template.search(PLACE) === -1 || !/\{(?:key|headers\.)/.test(template)) return () => fixed;
  return (record) =>
    template.replace(PLACE, (place, name: string) => {
      if (name === 'destination') return destination;
      const value = name === 'key' ? record.key : headerOf(record, name.slice('headers.'.length));
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
      throw failed(destination, `'${template}' wants ${place}, and the message has none that is text or a number`);
    });
}

function byFunction(
  template: (record: OutboundRecord) => unknown,
  destination: string,
): (record: OutboundRecord) => string {
  return (record) => {
    const key = template(record);
    if (typeof key === 'string') return key;
    throw failed(destination, `the function gave ${key === null ? 'null' : typeof key}, not text`);
  };
}

function headerOf({ headers }: OutboundRecord, name: string): HeaderValue | undefined {
  return Object.hasOwn(headers, name) ? headers[name] : undefined;
}

function failed(destination: string, problem: string): MillraceError {
  return new MillraceError('SEND_FAILED', `routingKey of ${destination}: ${problem}. Nothing was sent`, {
    retryable: false,
  });
}
