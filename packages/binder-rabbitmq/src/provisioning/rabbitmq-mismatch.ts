interface Difference {
  readonly argument: string;
  readonly kind: string;
  readonly name: string;
  readonly wanted: string;
  readonly found: string;
}

/** Options that make an argument, where its name does not say so. */
const options: Readonly<Record<string, string>> = {
  durable: 'exchangeDurable',
  auto_delete: 'exchangeAutoDelete',
  type: 'exchangeType',
  'x-expires': 'expires',
  'x-max-length': 'maxLength',
  'x-max-length-bytes': 'maxLengthBytes',
  'x-max-priority': 'maxPriority',
  'x-message-ttl': 'ttl',
  'x-queue-mode': 'lazy',
  'x-overflow': 'overflow',
  'x-queue-type': 'queueType',
  'x-delivery-limit': 'deliveryLimit',
  'x-quorum-initial-group-size': 'initialGroupSize',
  'x-single-active-consumer': 'singleActiveConsumer',
};
const deadLettering: ReadonlySet<string> = new Set(['x-dead-letter-exchange', 'x-dead-letter-routing-key']);

/**
 * Says which argument of an existing queue or exchange differs, and how to take it as it is. `undefined` where the broker says
 * something else.
 */
export function explainMismatch(error: unknown): string | undefined {
  const difference = differenceIn(String((error as { readonly message?: unknown }).message));
  if (difference === undefined) return undefined;
  const { argument, kind, name, wanted, found } = difference;
  return `${kind} ${name} exists with another ${argument}: ${found}, and ${wanted} is wanted. ${adoption(difference)}, or delete it while it is empty and start again`;
}

/** The broker says: `inequivalent arg 'x-message-ttl' for queue 'orders' in vhost '/': received none but current is …`. */
function differenceIn(text: string): Difference | undefined {
  const [, difference] = halves(text, "inequivalent arg '");
  const [argument, subject] = halves(difference, "' for ");
  const [kind, place] = halves(subject, " '");
  const [name, values] = halves(place, "' in vhost '");
  const [wanted, found] = halves(values, ' but current is ');
  if (found === undefined) return undefined;
  return { argument, kind, name, wanted: valueIn(halves(wanted, "': ")[1]), found: valueIn(found) };
}

/** What stands before the first of those words, and behind it. */
function halves(text = '', words: string): readonly [string, string | undefined] {
  const at = text.indexOf(words);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + words.length)];
}

/** `received the value '5' of type 'signedint'`, `received 'true'`, `none`. */
function valueIn(text = ''): string {
  return /'([^']*)'/.exec(text)?.[1] ?? 'none';
}

/** The ways to go on with what is there. */
function adoption({ argument, kind, name, found, wanted }: Difference): string {
  if (deadLettering.has(argument)) {
    if (found === 'none') return "Take it as it is with 'brokerDeadLetters: false'";
    const option = argument === 'x-dead-letter-exchange' ? 'deadLetterExchange' : 'deadLetterRoutingKey';
    if (wanted !== 'none') return `Take it as it is with '${option}: ${found}'`;
    return "Take it as it is with 'deadLetter: on' and 'brokerDeadLetters: true'";
  }
  return `To take it as it is, ${change({ argument, kind, name, wanted, found })}, or name it with '${kind}: ${name}', which declares nothing`;
}

function change({ argument, kind, found }: Difference): string {
  if (argument === 'alternate-exchange') return setting('alternateExchange', found, `{ name: ${found} }`);
  const option = kind === 'queue' && argument === 'durable' ? 'durableSubscription' : options[argument];
  if (option !== undefined) return setting(option, found, found);
  if (found === 'none') return `leave '${argument}' out of '${kind}Arguments'`;
  return `say '${kind}Arguments: { ${argument}: ${found} }'`;
}

function setting(option: string, found: string, value: string): string {
  return found === 'none' ? `leave '${option}' out` : `say '${option}: ${value}'`;
}
