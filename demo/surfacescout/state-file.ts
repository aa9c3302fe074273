import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { Plaintext } from '#lib/plaintext.ts';

const plaintext = z
  .string()
  .min(1)
  .transform((value) => new Plaintext(value));

/** One client secret. Times are RFC 3339 in UTC. */
const secret = z.object({
  id: z.string(),
  tag: z.string().nullable(),
  value: plaintext,
  createdAt: z.iso.datetime(),
  /** Not accepted before this time (propagation). */
  worksFrom: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  /** Null while live. Once revoked or replaced: accepted until this time (propagation). */
  endsAt: z.iso.datetime().nullable(),
  /** When a live secret ends by itself, because another one was issued with a grace for it. */
  expiresAt: z.iso.datetime().nullable().default(null),
  /** When the secret that this one replaced stops working; null when it replaced none. */
  previousEndsAt: z.iso.datetime().nullable(),
});

const signingKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: plaintext,
});

const state = z.object({
  signingKey,
  cookieKey: plaintext,
  /** The secrets of each client, oldest first, by client id. */
  secrets: z.record(z.string(), z.array(secret)),
});

export type Secret = z.output<typeof secret>;
export type State = z.output<typeof state>;

/** The stored state, or a new one with fresh keys when there is no file. Throws when the file is not ours to read. */
export function readState(path: string): State {
  if (!existsSync(path)) return newState();
  try {
    return state.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // The cause may quote the file, which holds secrets, so it is not passed on.
    throw new Error(`SurfaceScout cannot read its state in ${path}. Move that file away to begin anew.`);
  }
}

/** Replaces the file as a whole, readable by its owner only. After a crash it holds the old state or the new one. */
export function writeState(path: string, next: State): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeFileSync(file, exposeForFile(next));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

function exposeForFile({ signingKey, cookieKey, secrets }: State): string {
  const exposed = Object.entries(secrets).map(([clientId, list]) => [
    clientId,
    list.map((secret) => ({ ...secret, value: secret.value.expose() })),
  ]);
  const file = {
    signingKey: { ...signingKey, d: signingKey.d.expose() },
    cookieKey: cookieKey.expose(),
    secrets: Object.fromEntries(exposed),
  };
  return JSON.stringify(file, null, 2);
}

function newState(): State {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return state.parse({
    signingKey: privateKey.export({ format: 'jwk' }),
    cookieKey: randomBytes(32).toString('base64url'),
    secrets: {},
  });
}
