/** So many callers at once, each sending the next message when its last one is acknowledged. */
export async function withCallers(
  callers: number,
  messages: number,
  send: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < messages) {
      const index = next;
      next += 1;
      await send(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(callers, messages) }, caller));
}
