import { explainMismatch } from './rabbitmq-mismatch';

const before =
  'Operation failed: QueueDeclare; 406 (PRECONDITION-FAILED) with message "PRECONDITION_FAILED - inequivalent arg ';

/** What brokers of several releases say. */
it.each([
  [
    `'x-message-ttl' for queue 'orders.g' in vhost '/': received none but current is the value '5' of type 'long'"`,
    "queue orders.g exists with another x-message-ttl: 5, and none is wanted. To take it as it is, say 'ttl: 5', or name it with 'queue: orders.g', which declares nothing, or delete it while it is empty and start again",
  ],
  [
    `'x-max-length' for queue 'it's' in vhost 'a'b': received the value '7' of type 'signedint' but current is none"`,
    "queue it's exists with another x-max-length: none, and 7 is wanted. To take it as it is, leave 'maxLength' out, or name it with 'queue: it's', which declares nothing, or delete it while it is empty and start again",
  ],
  [
    `'type' for exchange 'orders' in vhost '/': received 'topic' but current is 'direct'"`,
    "exchange orders exists with another type: direct, and topic is wanted. To take it as it is, say 'exchangeType: direct', or name it with 'exchange: orders', which declares nothing, or delete it while it is empty and start again",
  ],
])('%s', (words, explanation) => {
  expect(explainMismatch(new Error(before + words))).toBe(explanation);
});

it.each([
  [
    "'x-dead-letter-exchange' for queue 'q' in vhost '/': received none but current is the value 'DLX' of type 'longstr'",
    /'deadLetter: on' and 'brokerDeadLetters: true'/,
  ],
  [
    "'x-dead-letter-routing-key' for queue 'q' in vhost '/': received the value 'q' of type 'longstr' but current is the value 'dead' of type 'longstr'",
    /'deadLetterRoutingKey: dead'/,
  ],
  [
    "'x-odd' for queue 'q' in vhost '/': received the value '1' of type 'byte' but current is none",
    /leave 'x-odd' out of 'queueArguments'/,
  ],
  [
    "'auto_delete' for exchange 'x' in vhost '/': received 'false' but current is 'true'",
    /say 'exchangeAutoDelete: true'/,
  ],
])('%s: the option to change is named', (words, remedy) => {
  expect(explainMismatch(new Error(before + words))).toMatch(remedy);
});

it('leaves other refusals alone', () => {
  expect(explainMismatch(new Error("PRECONDITION_FAILED - invalid arg 'x-max-length' for queue 'q'"))).toBeUndefined();
  expect(explainMismatch('none')).toBeUndefined();
});
