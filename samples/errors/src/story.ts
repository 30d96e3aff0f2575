/** What a dead letter says of itself. */
export interface Letter {
  /** `invalid`: no handler was called. `failed`: the handler gave up. */
  readonly kind: string;
  readonly reason: string;
  readonly attempts: number;
  readonly destination: string;
  readonly text: string;
}

/** Something that happened. */
export type Entry =
  | { readonly kind: 'handled' | 'told'; readonly attempt: number; readonly text: string }
  | { readonly kind: 'failed'; readonly attempt: number; readonly delayMs: number; readonly reason: string }
  | { readonly kind: 'setAside'; readonly attempt: number }
  | { readonly kind: 'returned'; readonly letter: Letter }
  | { readonly kind: 'discarded'; readonly attempts: number; readonly reason: string };

/** How a record can end. */
export type Ending = 'ack' | 'deadLetter' | 'discard';

export interface Chapter {
  readonly title: string;
  readonly startedAt: number;
  readonly entries: Entry[];
  readonly endings: Ending[];
}

/** Remembers what happened, case by case, tells it to whoever prints it, and knows when a case is over. */
export class Story {
  readonly chapters: Chapter[] = [];
  readonly #tell: (entry: Entry, chapter: Chapter) => void;
  #waiting: { readonly records: number; readonly resolve: () => void } | undefined;

  constructor(tell: (entry: Entry, chapter: Chapter) => void) {
    this.#tell = tell;
  }

  begin(title: string): void {
    this.chapters.push({ title, startedAt: performance.now(), entries: [], endings: [] });
  }

  write(entry: Entry): void {
    const chapter = this.#chapter;
    chapter.entries.push(entry);
    this.#tell(entry, chapter);
    this.#wakeIfOver();
  }

  handled(attempt: number, text: string): void {
    this.write({ kind: 'handled', attempt, text });
  }

  told(attempt: number, text: string): void {
    this.write({ kind: 'told', attempt, text });
  }

  returned(letter: Letter): void {
    this.write({ kind: 'returned', letter });
  }

  ended(ending: Ending): void {
    this.#chapter.endings.push(ending);
    this.#wakeIfOver();
  }

  /** Resolves when so many records have ended, and the dead letters among them have come to the returns desk. */
  over(records: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { records, resolve };
      this.#wakeIfOver();
    });
  }

  get #chapter(): Chapter {
    // A broker may have kept something of an earlier run that was ended in the middle.
    if (this.chapters.length === 0) this.begin('Left over');
    return this.chapters.at(-1) as Chapter;
  }

  #wakeIfOver(): void {
    const { entries, endings } = this.#chapter;
    const letters = endings.filter((ending) => ending === 'deadLetter').length;
    const returned = entries.filter(({ kind }) => kind === 'returned').length;
    if (this.#waiting === undefined || endings.length < this.#waiting.records || returned < letters) return;
    this.#waiting.resolve();
    this.#waiting = undefined;
  }
}
