/**
 * Calls of a client that are under way, and rejected when it is closed. kafkajs, for one, goes on trying for seconds when its sockets
 * are gone (trap 12): nobody has to wait for that.
 */
export class Unanswered {
  readonly #rejections = new Set<(error: Error) => void>();

  add(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#rejections.add(reject);
      work.then(resolve, reject).finally(() => this.#rejections.delete(reject));
    });
  }

  reject(): void {
    for (const reject of this.#rejections) reject(new Error('the client is closed'));
  }
}
