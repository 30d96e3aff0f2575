/** No plan, and why, in a word. */
export class Uncovered {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}
