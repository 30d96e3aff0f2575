import type { Socket } from 'node:net';
import type { ProxyConditions } from './proxy-conditions';

/** Beyond this the sender feels that nobody reads: its own buffers fill up, as with a slow network. */
const BUFFER_LIMIT = 256 * 1024;
/** A throttled stream moves in pieces of about this many milliseconds. */
const SLICE_MS = 20;

interface Piece {
  readonly bytes: Buffer;
  /** Not before this moment. */
  readonly due: number;
}

/** Passes bytes from one socket to another in order, under conditions that may change at any time. */
export class OneWay {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #conditions: ProxyConditions;
  readonly #pieces: Piece[] = [];
  #buffered = 0;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, conditions: ProxyConditions) {
    this.#from = from;
    this.#to = to;
    this.#conditions = conditions;
    from.on('data', (bytes) => this.#take(bytes));
    from.on('end', () => {
      this.#ended = true;
      this.pass();
    });
    to.on('drain', () => this.pass());
    to.on('close', () => clearTimeout(this.#timer));
  }

  /** Passes on what may go now; called again whenever that may have become more. */
  pass(): void {
    clearTimeout(this.#timer);
    if (this.#conditions.stalled || this.#to.destroyed) return;
    for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[0]) {
      if (this.#to.writableNeedDrain) return;
      const wait = piece.due - performance.now();
      if (wait > 0) {
        this.#later(wait);
        return;
      }
      const { bytesPerSecond } = this.#conditions;
      const size = bytesPerSecond === undefined ? piece.bytes.length : Math.ceil((bytesPerSecond * SLICE_MS) / 1000);
      this.#to.write(piece.bytes.subarray(0, size));
      this.#buffered -= Math.min(size, piece.bytes.length);
      if (size < piece.bytes.length) this.#pieces[0] = { bytes: piece.bytes.subarray(size), due: piece.due };
      else this.#pieces.shift();
      if (this.#buffered < BUFFER_LIMIT) this.#from.resume();
      if (bytesPerSecond !== undefined) {
        this.#later(SLICE_MS);
        return;
      }
    }
    if (this.#ended) this.#to.end();
  }

  #take(bytes: Buffer): void {
    this.#pieces.push({ bytes, due: performance.now() + this.#conditions.delayMs });
    this.#buffered += bytes.length;
    if (this.#buffered >= BUFFER_LIMIT) this.#from.pause();
    if (this.#pieces.length === 1) this.pass();
  }

  #later(milliseconds: number): void {
    this.#timer = setTimeout(() => this.pass(), milliseconds);
  }
}
