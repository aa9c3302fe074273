import readline from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Plaintext } from '#lib/plaintext.ts';

/** A line from standard input. On a terminal it is asked for, and what is typed is not shown. */
export async function readSecret(what: string): Promise<Plaintext> {
  if (!process.stdin.isTTY) return new Plaintext((await text(process.stdin)).trim());
  process.stderr.write(`${what}: `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const asking = readline.createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return new Plaintext((await asking.question('')).trim());
  } finally {
    asking.close();
    process.stderr.write('\n');
  }
}
