import fc from 'fast-check';
import { type Output, readOutputs, writeOutputs } from './kept-outputs';

test('whatever a message may hold is read as it was written', () => {
  const header = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
      fc.boolean(),
      fc.constant(null),
      fc.date({ noInvalidDate: true }),
      fc.uint8Array(),
      fc.array(tie('value')),
      fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
    ),
  })).value;
  const output = fc.record({
    channel: fc.string(),
    destination: fc.string(),
    record: fc.record({
      payload: fc.oneof(fc.uint8Array(), fc.constant(null)),
      headers: fc.dictionary(fc.string(), header, { noNullPrototype: true }),
      key: fc.option(fc.string(), { nil: undefined }),
      partition: fc.option(fc.nat(), { nil: undefined }),
      timestamp: fc.option(fc.date({ noInvalidDate: true }), { nil: undefined }),
    }),
  });
  fc.assert(
    fc.property(fc.array(output), (outputs) => {
      expect(readOutputs(writeOutputs(outputs as Output[]))).toEqual(outputs);
    }),
  );
});

test('bytes that are a view of other bytes are their own', () => {
  const payload = Uint8Array.of(1, 2, 3, 4).subarray(1, 3);
  const [output] = readOutputs(writeOutputs([{ channel: 'a', destination: 'a', record: { payload, headers: {} } }]));
  expect(output?.record.payload).toEqual(Uint8Array.of(2, 3));
});
