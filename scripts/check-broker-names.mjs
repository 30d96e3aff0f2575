// Core knows no broker: no identifier, string or file name in it may name one. Comments and tests may.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { root } from './workspace.mjs';

const BROKER = /kafka|rabbit|amqp/i;

/** Prefixes of headers that Spring reserves for transports: words on the wire, which any binder may meet. */
const WIRE_WORDS = new Set(['kafka_', 'amqp_']);

const sources = join(process.argv[2] ?? root, 'packages', 'core', 'src');
const files = readdirSync(sources, { recursive: true })
  .filter((name) => name.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(name))
  .map((name) => join(sources, name));

for (const file of files) {
  const path = relative(root, file);
  if (BROKER.test(path)) report(path, 'the name of the file');
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  visit(source, (node) => {
    if (ts.isSourceFile(node) || !BROKER.test(node.text ?? '') || WIRE_WORDS.has(node.text)) return;
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    report(`${path}:${line + 1}`, JSON.stringify(node.text));
  });
}

function visit(node, look) {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

function report(place, what) {
  console.log(`${place}  core names a broker: ${what}`);
  process.exitCode = 1;
}
