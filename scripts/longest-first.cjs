const { default: Sequencer } = require('@jest/test-sequencer');

/** Files that take minutes, longest first. */
const LONGEST = ['/chaos/test/one-minute', '/conformance'];

/** On a machine without a cache Jest goes by the size of a file, and would begin what takes longest when all else is done. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((one, other) => placeOf(one) - placeOf(other));
  }
};

function placeOf({ path }) {
  const place = LONGEST.findIndex((part) => path.includes(part));
  return place === -1 ? LONGEST.length : place;
}
