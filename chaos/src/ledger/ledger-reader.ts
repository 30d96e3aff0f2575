import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Entry, Told } from './entry';

const PIECE = 1024 * 1024;
const NEW_LINE = 0x0a;
const ENDING = '.jsonl';

/** The ledger of one life of a member, in the folder of a run. */
export function ledgerFile(folder: string, member: string, life: number): string {
  return join(folder, `${member}.${life}${ENDING}`);
}

/** Reads what was added to the ledgers of a folder since it last did. */
export class LedgerReader {
  readonly #folder: string;
  readonly #open = new Map<string, OpenLedger>();
  readonly #buffer = Buffer.alloc(PIECE);

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Calls with each new entry, in the order of its ledger. A line that is not finished yet waits for the next time. */
  read(each: (entry: Told) => void): void {
    for (const name of readdirSync(this.#folder)) {
      if (!name.endsWith(ENDING)) continue;
      let ledger = this.#open.get(name);
      if (ledger === undefined) {
        ledger = { ...authorOf(name), file: openSync(join(this.#folder, name), 'r'), offset: 0, rest: Buffer.alloc(0) };
        this.#open.set(name, ledger);
      }
      this.#readOn(ledger, each);
    }
  }

  close(): void {
    for (const { file } of this.#open.values()) closeSync(file);
    this.#open.clear();
  }

  #readOn(ledger: OpenLedger, each: (entry: Told) => void): void {
    for (;;) {
      const length = readSync(ledger.file, this.#buffer, 0, PIECE, ledger.offset);
      if (length === 0) return;
      ledger.offset += length;
      const bytes = Buffer.concat([ledger.rest, this.#buffer.subarray(0, length)]);
      const end = bytes.lastIndexOf(NEW_LINE) + 1;
      ledger.rest = bytes.subarray(end);
      const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
      for (const line of lines) each({ ...(JSON.parse(line) as Entry), member: ledger.member, life: ledger.life });
    }
  }
}

interface OpenLedger {
  readonly member: string;
  readonly life: number;
  readonly file: number;
  offset: number;
  rest: Buffer;
}

function authorOf(file: string): { readonly member: string; readonly life: number } {
  const [member = '', life = ''] = basename(file, ENDING).split('.');
  return { member, life: Number(life) };
}
