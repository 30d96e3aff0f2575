import fc from 'fast-check';

export const arbitraryBytes: fc.Arbitrary<Buffer> = fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each));

const value = fc.oneof(arbitraryBytes, fc.string({ unit: 'binary' }));
const header = fc.oneof(value, fc.array(value, { maxLength: 3 }));

/** Fields of a record to be sent, but for its partition and its time. */
export const arbitraryFields = Object.freeze({
  key: fc.option(arbitraryBytes),
  value: fc.option(arbitraryBytes),
  headers: fc.dictionary(fc.string({ maxLength: 80 }), header, { maxKeys: 5, noNullPrototype: true }),
});
