/** So many names are kept; more than that are made each time. */
const MOST_NAMES = 200;

/** Names of headers as bytes. The messages of a channel mostly have the same ones, so each is written once. */
export class HeaderNames {
  readonly #names = new Map<string, Buffer>();

  readonly bytesOf = (name: string): Buffer => {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const bytes = Buffer.from(name);
    if (this.#names.size < MOST_NAMES) this.#names.set(name, bytes);
    return bytes;
  };
}
