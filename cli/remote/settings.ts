import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';

/* Where a remote command asks, and as whom. It never reads the server's environment. */

/** An installation of Rekey and an API client of it. */
export interface Settings {
  readonly url: URL;
  readonly clientId: string;
  readonly secret: Plaintext;
}

const NAMES = ['REKEY_API_URL', 'REKEY_CLIENT_ID', 'REKEY_CLIENT_SECRET'] as const;

const stored = z.object({ url: z.string(), clientId: z.string(), clientSecret: z.string() });

const isLoopback = ({ hostname }: URL) => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);

/** An address that a secret may be sent to: https, or this machine. */
export function addressOf(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url)))) {
    const message = `${given} is not an address that a secret can be sent to: it takes https://, or http:// on this machine. Nothing was sent.`;
    throw new Problem(400, 'usage', message);
  }
  return url;
}

/** The file that `rekey login` writes, in the place that XDG names for settings. */
export function loginFile(): string {
  const { XDG_CONFIG_HOME: home } = process.env;
  const folder = home !== undefined && path.isAbsolute(home) ? home : path.join(os.homedir(), '.config');
  return path.join(folder, 'rekey', 'login.json');
}

/** Null for what is no JSON: the error of the parser would quote the text, and with it a secret. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readLogin(file: string): Settings {
  const { mode } = fs.statSync(file);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    const message = `${file} holds a secret and others on this machine may read it. Say chmod 600 for it, and rotate the secret if somebody did.`;
    throw new Problem(400, 'unreadable', message);
  }
  const { success, data } = stored.safeParse(readJson(fs.readFileSync(file, 'utf8')));
  if (!success) {
    throw new Problem(400, 'unreadable', `${file} is not what rekey login wrote. Log in again.`);
  }
  return { url: addressOf(data.url), clientId: data.clientId, secret: new Plaintext(data.clientSecret) };
}

/** The environment's settings where it has them, else those of `rekey login`. Throws a `Problem` that says what is missing. */
export function readSettings(): Settings {
  const [url, clientId, secret] = NAMES.map((name) => process.env[name] ?? '');
  if (url && clientId && secret) {
    return { url: addressOf(url), clientId, secret: new Plaintext(secret) };
  }
  const missing = NAMES.filter((name) => (process.env[name] ?? '') === '');
  if (missing.length < NAMES.length) {
    throw new Problem(
      400,
      'usage',
      `${missing.join(' and ')} is not set; it takes all three of ${NAMES.join(', ')}.`,
    );
  }
  const file = loginFile();
  if (!fs.existsSync(file)) {
    const message = `Nobody is logged in here. Set ${NAMES.join(', ')}, or say: rekey login --url U --client-id I`;
    throw new Problem(400, 'usage', message);
  }
  return readLogin(file);
}

/** Writes the file of a login, for its owner only, whole or not at all. Answers where it is. */
export function writeLogin({ url, clientId, secret }: Settings): string {
  const file = loginFile();
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  const text = JSON.stringify({ url: url.href, clientId, clientSecret: secret.expose() });
  fs.writeFileSync(fresh, `${text}\n`, { mode: 0o600, flag: 'wx' });
  fs.renameSync(fresh, file);
  return file;
}
