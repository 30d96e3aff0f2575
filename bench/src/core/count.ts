/** Counts what is handled, and tells when the round's last message was. */
export class Count {
  private left = 0;
  private reached: () => void = () => undefined;

  expect(messages: number): Promise<void> {
    this.left = messages;
    return new Promise((resolve) => {
      this.reached = resolve;
    });
  }

  add(messages: number): void {
    this.left -= messages;
    if (this.left === 0) this.reached();
  }
}
