import type { Duplex } from 'node:stream';

/** Bytes of several turns of the event loop; enough for two hundred small messages. */
const BLOCK_BYTES = 64 * 1024;

/** More than this is worth a write of its own. */
const LARGE_BYTES = 16 * 1024;

/** What is needed of amqplib's connection beyond its types: how it numbers a channel, and where that puts its frames. */
export interface ChannelOpener {
  readonly stream: Duplex;
  readonly channels: ({ buffer: FrameBuffer } | null)[];
  freshChannel(channel: unknown, options: unknown): number;
}

interface FrameBuffer {
  write(frames: Buffer): boolean;
  end(): void;
}

/**
 * Frames of all channels of a connection, which leave together at the end of a turn of the event loop: each write would be a system
 * call (trap 12). They are put one behind the other into blocks of memory, of which no byte is written twice. The client has a
 * stream in object mode for each channel instead, another object for each frame in it, and waits for a turn before it empties them.
 */
export class TurnWrites implements FrameBuffer {
  readonly #stream: Duplex;
  readonly #write: Duplex['write'];
  #block = Buffer.alloc(0);
  /** Of what is in the block and has not left. */
  #start = 0;
  #end = 0;
  #isDue = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.#write = stream.write;
    // Heartbeats and what ends the connection go there directly, and not before what was written earlier.
    stream.write = (...parts: unknown[]): boolean => {
      this.#flush();
      return Reflect.apply(this.#write, stream, parts) as boolean;
    };
  }

  /** Where {@link reserve} has found room. */
  get block(): Buffer {
    return this.#block;
  }

  /** Room for so many bytes in the block, from this place on; it is to be filled at once. */
  reserve(bytes: number): number {
    if (this.#end + bytes > this.#block.byteLength) {
      this.#flush();
      this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes));
      this.#start = 0;
      this.#end = 0;
    }
    if (!this.#isDue) {
      this.#isDue = true;
      process.nextTick(this.#endTurn);
    }
    const at = this.#end;
    this.#end += bytes;
    return at;
  }

  /** `true`: whoever writes bounds what is under way, and no pause is asked for. */
  write(frames: Buffer): boolean {
    // Nobody changes them any more: what is large is not copied.
    if (frames.byteLength > LARGE_BYTES) this.#stream.write(frames);
    else {
      const at = this.reserve(frames.byteLength);
      frames.copy(this.#block, at);
    }
    return true;
  }

  /** A channel has gone; what it has written leaves all the same. */
  end(): void {}

  readonly #endTurn = (): void => {
    this.#isDue = false;
    this.#flush();
  };

  #flush(): void {
    const [start, end] = [this.#start, this.#end];
    this.#start = end;
    if (start < end && this.#stream.writable)
      Reflect.apply(this.#write, this.#stream, [this.#block.subarray(start, end)]);
  }
}

/** Lets every channel that is opened from now on write there. */
export function writeTurnsTogether(connection: ChannelOpener): void {
  const writes = new TurnWrites(connection.stream);
  const freshChannel = connection.freshChannel;
  connection.freshChannel = function freshChannelHere(this: ChannelOpener, channel, options) {
    const number = Reflect.apply(freshChannel, this, [channel, options]) as number;
    const opened = this.channels[number];
    if (opened) opened.buffer = writes;
    return number;
  };
}
