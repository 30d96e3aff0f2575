import { testApplication } from '../src/index';
import { Barista, CoffeeReady, Order, order } from './shop';

test('applications side by side, with the same components and channels, do not see each other', async () => {
  const one = async (ticket: number): Promise<void> => {
    await using shop = await testApplication({ components: [Barista], config: { app: 'shop' } });
    for (let emitted = 0; emitted < ticket; emitted += 1) await shop.emit(Order, order(ticket));
    await shop.emit(Order, order(ticket, 'unicorn latte'));
    await shop.settled();
    expect((await shop.sent(CoffeeReady)).map(({ payload }) => payload.ticket)).toEqual(Array(ticket).fill(ticket));
    expect(await shop.deadLetters(Order)).toHaveLength(1);
    expect(shop.failures()).toHaveLength(1);
  };
  await Promise.all(Array.from({ length: 25 }, (_, index) => one(index + 1)));
});
