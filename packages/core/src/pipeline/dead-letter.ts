import type { ConsumerBinding } from '../binder/binder';
import type { DeadLetter, InboundRecord } from '../binder/record';
import { describeError } from '../errors/describe-error';
import { MillraceError } from '../errors/millrace-error';
import type { Events } from '../observe/events';
import type { Logger } from '../observe/logger';
import { messageIdOf } from './message-id';

/** Why a record will not be handled. */
export interface Failure {
  readonly kind: 'invalid' | 'failed';
  readonly error: unknown;
  /** Calls of the handler made for it. */
  readonly attempts: number;
}

export interface DeadLetterParts {
  readonly binding: string;
  readonly group: string | undefined;
  /** Thrown away instead of kept: because the author said so, the error is none of those to keep, or the consumer is a broadcast. */
  readonly discards: (failure: Failure) => boolean;
  readonly events: Events;
  readonly logger: Logger;
  /** The open binding; deliveries may begin before it is there. */
  readonly opened: Promise<ConsumerBinding>;
  /** Told about the health of dead-letter writing: an error while writes fail, `undefined` when they work again. */
  readonly report: (trouble: Error | undefined) => void;
}

/** The one place that decides what becomes of a record nobody could handle. Never throws. */
export class DeadLetterWriter {
  readonly #parts: DeadLetterParts;
  #failing = false;

  constructor(parts: DeadLetterParts) {
    this.#parts = parts;
  }

  /** `refused`: the broker did not take the dead letter, so the record must not be acknowledged. */
  async write(record: InboundRecord, failure: Failure): Promise<'written' | 'discarded' | 'refused'> {
    const { binding, discards, events, logger } = this.#parts;
    const facts = {
      binding,
      kind: failure.kind,
      error: failure.error,
      attempts: failure.attempts,
      messageId: messageIdOf(record),
    };
    const log = {
      binding,
      messageId: facts.messageId,
      attempts: failure.attempts,
      destination: record.destination,
      position: record.position,
    };
    const reason = describeError(failure.error);
    if (discards(failure)) {
      logger.warn({ ...log, reason: reason.message }, 'a message that could not be handled was discarded');
      if (events.listens('discard')) events.emit('discard', facts);
      return 'discarded';
    }
    const refusal = await this.#tryToWrite(this.#letter(record, failure));
    if (events.listens('deadLetter')) events.emit('deadLetter', { ...facts, written: refusal === undefined });
    if (refusal === undefined) {
      logger.warn({ ...log, reason: reason.message }, 'a message went to the dead letter');
      if (this.#failing) this.#parts.report(undefined);
      this.#failing = false;
      return 'written';
    }
    this.#failing = true;
    this.#parts.report(refusal);
    logger.error({ ...log, err: refusal }, 'a dead letter could not be written; the message is kept and comes back');
    return 'refused';
  }

  async #tryToWrite(letter: DeadLetter): Promise<Error | undefined> {
    try {
      const binding = await this.#parts.opened;
      if (binding.deadLetter === undefined) {
        return new MillraceError(
          'BINDER_CONTRACT_BROKEN',
          `the binder of '${letter.binding}' claims dead letters but its consumer binding has no deadLetter()`,
        );
      }
      await binding.deadLetter(letter);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(describeError(error).message);
    }
  }

  #letter(record: InboundRecord, failure: Failure): DeadLetter {
    const { name, message, stack } = describeError(failure.error);
    return {
      record,
      kind: failure.kind,
      code: MillraceError.is(failure.error) ? failure.error.code : undefined,
      errorName: name,
      errorMessage: message,
      errorStack: stack,
      attempts: failure.attempts,
      binding: this.#parts.binding,
      group: this.#parts.group,
      time: new Date(),
    };
  }
}
