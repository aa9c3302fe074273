import { type Command, textOf } from '#cli/command.ts';
import { readSecret } from '#cli/read-secret.ts';
import { Api } from '#cli/remote/api.ts';
import { addressOf, writeLogin } from '#cli/remote/settings.ts';
import { Problem } from '#lib/problem.ts';

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
    const settings = { url: addressOf(given), clientId, secret: await readSecret('Client secret') };
    await new Api(settings).signIn();
    console.log(`Signed in at ${settings.url.origin}. The secret is in ${writeLogin(settings)}.`);
  },
};
