import fs from 'node:fs';
import { z } from 'zod';
import { EnvError } from '#lib/env.ts';

/*
 * Where keys come from: the environment itself, a file, or Vault's transit engine, which opens what is written in either. A process
 * loads them once, before anything reads its environment.
 */

const KEYS = [
  'REKEY_MASTER_KEYS',
  'REKEY_FINGERPRINT_KEY',
  'REKEY_SESSION_KEY',
  'REKEY_TOKEN_KEY',
  'REKEY_AUDIT_KEY',
] as const;

type Environment = Record<string, string | undefined>;

/** Turns what is written into what is meant. */
type KeySource = (written: string) => Promise<string>;

const TRIES = 5;
const PAUSE_MS = 1000;
const CALL_MS = 10_000;

function readFile(variable: string, file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'it failed';
    throw new EnvError(`Rekey cannot start: the file that ${variable} names cannot be read (${code}).`);
  }
}

/** The lines NAME=value of a file. Throws `EnvError` where a line is something else, or names what is no key. */
function keysIn(text: string): Environment {
  const found: Environment = {};
  for (const [n, line] of text.split('\n').entries()) {
    const [, name = '', value = ''] = /^([A-Z_]+)=(.*?)\s*$/.exec(line) ?? [];
    if (/^\s*(#|$)/.test(line)) continue;
    if (!(KEYS as readonly string[]).includes(name)) {
      throw new EnvError(
        `Rekey cannot start: line ${n + 1} of the file of REKEY_KEYS_FILE is none of ${KEYS.join(', ')}, each with = and its value.`,
      );
    }
    found[name] = value;
  }
  return found;
}

const opened = z.object({ data: z.object({ plaintext: z.string() }) });

/** What Vault's or OpenBao's transit engine sealed. https://developer.hashicorp.com/vault/api-docs/secret/transit#decrypt-data */
function transit(url: string, token: string): KeySource {
  return async (ciphertext) => {
    for (let tried = 1; ; tried += 1) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'x-vault-token': token, 'content-type': 'application/json' },
        body: JSON.stringify({ ciphertext }),
        redirect: 'error',
        signal: AbortSignal.timeout(CALL_MS),
      }).catch(() => null);
      const isPassing = answer === null || answer.status >= 500 || answer.status === 429;
      if (answer?.ok) {
        const { success, data } = opened.safeParse(await answer.json().catch(() => null));
        if (success) return data.data.plaintext;
      }
      if (!isPassing || tried === TRIES) {
        const said = answer === null ? 'does not answer' : `answered ${answer.status}`;
        throw new EnvError(
          `Rekey cannot start: the transit engine at REKEY_TRANSIT_URL ${said}, so a key that it sealed stays closed. It needs the address of a key's decrypt, and a token that may update it.`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
}

function transitOf(env: Environment): KeySource {
  const { REKEY_TRANSIT_URL: url, REKEY_TRANSIT_TOKEN: token, REKEY_TRANSIT_TOKEN_FILE: file } = env;
  const given = token || (file ? readFile('REKEY_TRANSIT_TOKEN_FILE', file).trim() : '');
  if (!url || !given) {
    throw new EnvError(
      'Rekey cannot start: a key is sealed by a transit engine (vault:v…), and REKEY_TRANSIT_URL or its token is not set.',
    );
  }
  return transit(url, given);
}

const SEALED = /vault:v\d+:[A-Za-z0-9+/=]+/g;

/** Opens every part that a transit engine sealed; the rest stays as it is written. */
async function unsealed(written: string, env: Environment): Promise<string> {
  const parts = [...new Set(written.match(SEALED) ?? [])];
  if (parts.length === 0) {
    return written;
  }
  const open = transitOf(env);
  const values = new Map(await Promise.all(parts.map(async (part) => [part, await open(part)] as const)));
  return written.replace(SEALED, (part) => values.get(part) ?? part);
}

/**
 * Puts every key into an environment as `parseEnv` wants it, and takes out what it was found by, so that what inherits the
 * environment does not look again. Throws `EnvError`, which never repeats a value.
 */
export async function loadKeys(env: Environment): Promise<void> {
  const file = env.REKEY_KEYS_FILE;
  const inFile = file ? keysIn(readFile('REKEY_KEYS_FILE', file)) : {};
  for (const name of KEYS) {
    if (inFile[name] && env[name]) {
      throw new EnvError(
        `Rekey cannot start: ${name} is set, and stands in the file of REKEY_KEYS_FILE too.`,
      );
    }
    const written = inFile[name] || env[name];
    if (written) {
      env[name] = await unsealed(written, env);
    }
  }
  for (const name of ['REKEY_KEYS_FILE', 'REKEY_TRANSIT_TOKEN', 'REKEY_TRANSIT_TOKEN_FILE']) {
    delete env[name];
  }
}
