import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Faults } from './faults';
import type { Origin } from './origin';

/**
 * Reads YAML, and JSON as a part of it; the origin learns the line of each key. Faults of syntax name line and column, and
 * never quote the source: there may be a secret in it.
 */
export function readYaml(text: string, origin: Origin, faults: Faults): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent', merge: true });
  for (const { message, pos } of [...document.errors, ...document.warnings]) {
    const { line, col } = lines.linePos(pos[0]);
    const isVariable = (text.split('\n')[line - 1] ?? '').includes('${');
    const remedy = isVariable
      ? `Inside { } and [ ], quote text with variables: "\${NAME}"`
      : 'Look at the indentation, quotes and brackets there';
    faults.add(
      `line ${line}, column ${col}`,
      message.split('\n')[0]?.replace(/[.:]$/, '') ?? 'it cannot be read',
      remedy,
    );
  }
  if (faults.count > 0) return undefined;
  noteLines(document.contents, [], (path, offset) => origin.atLine(path, lines.linePos(offset).line));
  return document.toJS();
}

function noteLines(
  node: unknown,
  path: readonly string[],
  note: (path: readonly string[], offset: number) => void,
): void {
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue;
      const below = [...path, String(key.value)];
      if (key.range != null) note(below, key.range[0]);
      noteLines(value, below, note);
    }
  } else if (isSeq(node)) {
    node.items.forEach((item, index) => {
      const below = [...path, String(index)];
      const range = (item as { readonly range?: readonly number[] | null } | null)?.range;
      if (range?.[0] !== undefined) note(below, range[0]);
      noteLines(item, below, note);
    });
  }
}
