import type { DeadEntry, HandlingEntry, Moment, RetryEntry, SendEntry, SettledEntry, Told } from '../ledger/entry';

/** One call of a handler. */
export interface Handling {
  readonly group: string;
  readonly member: string;
  readonly life: number;
  readonly id: string;
  readonly partition: number | undefined;
  readonly position: string | undefined;
  readonly attempt: number;
  readonly startedAt: Moment;
  /** Infinity while nothing is known of its end: its process was killed. */
  endedAt: Moment;
  /** Since when what it returned was on its way. */
  sentFrom: Moment | undefined;
  /**
   * When this hand had nothing more to do for it. What is done is held on until what the handler returned is confirmed; what failed,
   * until it is tried again or its dead letter is written; both, until the end of the process.
   */
  releasedAt: Moment;
  outcome: 'done' | 'failed' | 'open';
  why: string | undefined;
}

/** What became of the send of a message. */
export interface Send {
  readonly member: string;
  readonly life: number;
  readonly at: Moment;
  /** Infinity without an answer. */
  answeredAt: Moment;
  outcome: 'confirmed' | 'rejected' | 'open';
  why: string | undefined;
}

/** A dead letter that was written, or refused, as the application told it. */
export interface Burial {
  readonly group: string;
  readonly id: string;
  /** Since when its write was under way: when the last attempt had failed. */
  readonly from: Moment;
  readonly at: Moment;
}

/** All that is known of one message, through all hands. */
export interface Story {
  readonly key: string;
  readonly number: number;
  send: Send | undefined;
  readonly handlings: Handling[];
  readonly burials: Burial[];
  /** Dead letters that the broker did not confirm: they may be there all the same. */
  readonly refusedBurials: Burial[];
}

/** Puts ledgers together to one story a message. Entries of one ledger have to come in its order. */
export function storiesOf(entries: Iterable<Told>): Story[] {
  const book = new StoryBook();
  for (const entry of entries) book.add(entry);
  book.end();
  return book.stories;
}

export function nameOf({ key, number }: Pick<Story, 'key' | 'number'>): string {
  return `${key}#${number}`;
}

/** Processes tell of themselves every second. */
const LONGEST_SILENCE_MS = 1_000;

function lifeOf({ member, life }: { member: string; life: number }): string {
  return `${member}.${life}`;
}

/** A member has a message of a group once at a time. */
function handName({ member, life, group, id }: { member: string; life: number; group: string; id: string }): string {
  return `${member}.${life} ${group} ${id}`;
}

class StoryBook {
  readonly #stories = new Map<string, Story>();
  readonly #byId = new Map<string, Story>();
  readonly #open = new Map<string, Handling>();
  readonly #latest = new Map<string, Handling>();
  /** Of processes that tell it: what is done and not settled yet. */
  readonly #unsettled = new Set<Handling>();
  readonly #settledIn = new Set<string>();
  /** When each process told something for the last time. */
  readonly #heardAt = new Map<string, Moment>();

  get stories(): Story[] {
    return [...this.#stories.values()];
  }

  add(entry: Told): void {
    this.#heardAt.set(lifeOf(entry), entry.at);
    switch (entry.what) {
      case 'sending':
      case 'confirmed':
      case 'rejected':
        this.#addSend(entry);
        break;
      case 'started':
      case 'done':
      case 'failed':
        this.#addHandling(entry);
        break;
      case 'retried':
        this.#addRetry(entry);
        break;
      case 'settled':
        this.#addSettled(entry);
        break;
      case 'dead':
        this.#addBurial(entry);
        break;
      default:
    }
  }

  /** Nothing more is told. A process that is gone holds nothing. */
  end(): void {
    const tellsSettled = this.#settledIn;
    for (const { handlings } of this.#stories.values())
      for (const handling of handlings) {
        const isHeld =
          (handling.outcome === 'failed' && handling.releasedAt === Number.POSITIVE_INFINITY) ||
          (this.#unsettled.has(handling) && tellsSettled.has(lifeOf(handling)));
        if (isHeld) handling.releasedAt = (this.#heardAt.get(lifeOf(handling)) ?? 0) + LONGEST_SILENCE_MS;
      }
  }

  #addSettled(entry: Told & SettledEntry): void {
    this.#settledIn.add(lifeOf(entry));
    const handling = this.#latest.get(handName(entry));
    if (handling?.outcome !== 'done') return;
    handling.releasedAt = entry.at;
    this.#unsettled.delete(handling);
  }

  #addBurial(entry: Told & DeadEntry): void {
    const { group, id, at, isWritten } = entry;
    const name = handName(entry);
    const handling = this.#latest.get(name);
    const story = this.#byId.get(`${group} ${id}`);
    const burial = { group, id, from: handling?.endedAt ?? at, at };
    // It did its work, and what it returned could not be sent.
    if (handling?.outcome === 'done') handling.outcome = 'failed';
    if (!isWritten) {
      story?.refusedBurials.push(burial);
      return;
    }
    story?.burials.push(burial);
    if (handling !== undefined) {
      handling.releasedAt = at;
      this.#unsettled.delete(handling);
    }
    this.#latest.delete(name);
  }

  #addSend({ what, key, number, at, why, member, life }: Told & SendEntry): void {
    const story = this.#storyOf(key, number);
    if (what === 'sending') {
      story.send = { member, life, at, answeredAt: Number.POSITIVE_INFINITY, outcome: 'open', why: undefined };
    } else if (story.send !== undefined) {
      story.send.answeredAt = at;
      story.send.outcome = what;
      story.send.why = why;
    }
  }

  #addHandling(entry: Told & HandlingEntry): void {
    const { what, group, id, at, member, life, partition, position, attempt = 1, why } = entry;
    const name = handName(entry);
    if (what !== 'started') {
      const handling = this.#open.get(name);
      if (handling === undefined) return;
      this.#open.delete(name);
      handling.endedAt = at;
      handling.outcome = what;
      if (what !== 'done') return;
      handling.sentFrom = at;
      handling.releasedAt = at;
      this.#unsettled.add(handling);
      handling.why = why;
      return;
    }
    const story = this.#storyOf(entry.key, entry.number);
    const before = this.#latest.get(name);
    if (before?.outcome === 'failed') before.releasedAt = at;
    const endedAt = Number.POSITIVE_INFINITY;
    const rest = {
      startedAt: at,
      endedAt,
      sentFrom: undefined,
      releasedAt: endedAt,
      outcome: 'open',
      why: undefined,
    } as const;
    const handling: Handling = { group, member, life, id, partition, position, attempt, ...rest };
    story.handlings.push(handling);
    this.#byId.set(`${group} ${id}`, story);
    this.#open.set(name, handling);
    this.#latest.set(name, handling);
  }

  /** The handler did its work, and what it returned could not be sent. */
  #addRetry(entry: Told & RetryEntry): void {
    const handling = this.#latest.get(handName(entry));
    if (handling?.outcome !== 'done') return;
    handling.outcome = 'failed';
    handling.endedAt = entry.at;
    handling.releasedAt = Number.POSITIVE_INFINITY;
    handling.why = entry.why;
    this.#unsettled.delete(handling);
  }

  #storyOf(key: string, number: number): Story {
    const name = nameOf({ key, number });
    let story = this.#stories.get(name);
    if (story === undefined) {
      story = { key, number, send: undefined, handlings: [], burials: [], refusedBurials: [] };
      this.#stories.set(name, story);
    }
    return story;
  }
}
