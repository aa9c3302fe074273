import readline from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Command, textOf } from '#cli/command.ts';
import { Api } from '#cli/remote/api.ts';
import { addressOf, writeLogin } from '#cli/remote/settings.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';

/** A line from standard input. On a terminal it is asked for, and what is typed is not shown. */
async function readSecret(): Promise<Plaintext> {
  if (!process.stdin.isTTY) return new Plaintext((await text(process.stdin)).trim());
  process.stderr.write('Client secret: ');
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const asking = readline.createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return new Plaintext((await asking.question('')).trim());
  } finally {
    asking.close();
    process.stderr.write('\n');
  }
}

export const loginCommand: Command = {
  words: ['login'],
  operands: 0,
  usage: `rekey login --url U --client-id I
      reads an API client’s secret from standard input, signs in with it and keeps it in a file for this user only`,
  options: { url: { type: 'string' }, 'client-id': { type: 'string' } },
  run: async (_, values) => {
    const [given, clientId] = [textOf(values, 'url'), textOf(values, 'client-id')];
    if (given === undefined || clientId === undefined) {
      throw new Problem(400, 'usage', 'It takes --url and --client-id, and the secret on standard input.');
    }
    const settings = { url: addressOf(given), clientId, secret: await readSecret() };
    await new Api(settings).signIn();
    console.log(`Signed in at ${settings.url.origin}. The secret is in ${writeLogin(settings)}.`);
  },
};
