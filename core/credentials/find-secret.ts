import { z } from 'zod';
import { ConnectorError } from '#connectors/contract.ts';
import { type Actor, auditActor } from '#core/access/actor.ts';
import { countRequest } from '#core/access/request-limit.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { type OpenedIssuer, openIssuer } from '#core/outside/open-connector.ts';
import { forgetTries, takeTry } from '#core/outside/sign-in-tries.ts';
import { openFields } from '#core/vault/fields.ts';
import { fingerprint } from '#core/vault/fingerprint.ts';
import type { Database } from '#lib/db.ts';
import { log } from '#lib/log.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';

/** More than this is nobody's paste; each of them is tried at its issuer. */
const MOST_FOUND = 50;

const WINDOW_SECONDS = 15 * 60;

/** Each look-up counts as one for each thousand values begun: enough for logs and env files, and few to guess a secret with. */
const LOOK_UPS = { requests: 30, seconds: WINDOW_SECONDS };
const VALUES_OF_ONE = 1000;

const input = z.object({
  /** A secret, or a piece of text that may hold some, such as lines of an env file. */
  text: z
    .string()
    .min(1, 'Paste a value first.')
    .max(65_536, 'That is more than 64 KiB. Paste the lines in question.')
    .transform((text) => new Plaintext(text)),
});

const unquoted = (text: string) => text.replace(/^(['"`])([\s\S]*)\1[,;]?$/, '$2');

/** What may be parts of addresses, options and calls, for example `scheme://user:secret@host` or `--password=secret`. */
const PARTS = /[\s,;:=@?&'"`<>()[\]{}|\\]+/;

/**
 * Everything in a text that may be a secret: the whole of it, each line, what follows = or : there, each word, and the
 * parts of words. All of it is looked for: what is left out would pass for no secret of ours.
 */
function candidatesIn(text: Plaintext): Plaintext[] {
  const whole = text.expose();
  const lines = whole.split(/\r?\n/);
  const parts = lines.flatMap((line) => {
    const after = /^[^=:]*[=:]\s*(.*)$/.exec(line)?.[1] ?? '';
    return [line.trim(), after.trim(), ...line.split(/[\s,;]+/), ...line.split(PARTS)];
  });
  const all = [whole, whole.trim(), ...parts].flatMap((part) => [part, unquoted(part)]);
  const distinct = [...new Set(all)].filter((part) => part.length >= 4);
  return distinct.map((part) => new Plaintext(part));
}

/** The versions with one of these fingerprints. In one array: a statement takes far fewer parameters than a text has words. */
async function versionsWith(prints: readonly string[], { pool, prisma }: Database) {
  const { rows } = await pool.query<{ id: string }>(
    'select id from secret_versions where fingerprint = any($1) limit $2',
    [prints, MOST_FOUND],
  );
  return prisma.secretVersion.findMany({
    where: { id: { in: rows.map(({ id }) => id) } },
    include: { credential: { include: { issuer: true } } },
    orderBy: [{ credentialId: 'asc' }, { n: 'desc' }],
  });
}

/** Refuses more than is looked up honestly. The first refusal of a window is recorded, and all look-ups before it were. */
async function requireAllowed(actor: Actor, values: number, { prisma }: Database): Promise<void> {
  if (actor.kind === 'system') {
    return;
  }
  const weight = Math.min(LOOK_UPS.requests, Math.max(1, Math.ceil(values / VALUES_OF_ONE)));
  const { left, seconds } = await countRequest(`look-up:${actor.kind}:${actor.id}`, LOOK_UPS, weight);
  if (left >= 0) {
    return;
  }
  const why = `More was looked up than ${LOOK_UPS.requests} times, or ${LOOK_UPS.requests * VALUES_OF_ONE} values, in 15 minutes.`;
  if (left + weight >= 0) {
    const event = { actor: auditActor(actor), found: [], reason: why };
    await record(prisma, { action: 'secret.looked_up', outcome: 'failure', ...event });
  }
  const retryAfter = String(seconds);
  const sentence = `${why} Nothing was looked up; go on in ${Math.ceil(seconds / 60)} min.`;
  throw new Problem(429, 'too_many_look_ups', sentence, { retryAfter });
}

type Found = Awaited<ReturnType<typeof versionsWith>>[number];

/**
 * Tries it, unless that could be the failed sign-in after which the issuer locks the account: those of 15 minutes are counted for the
 * credential, until one is accepted.
 */
async function tryAt(issuer: OpenedIssuer, { id, credentialId, sealed }: Found) {
  if (sealed === null || (await takeTry(credentialId, issuer.can)).left < 0) {
    return 'unknown';
  }
  const fields = openFields({ table: 'secret_versions', id, field: 'sealed' }, sealed);
  const said = await issuer.ask(null, (connector, call) => connector.verify(call, fields));
  if (said === 'accepted') {
    await forgetTries(credentialId);
  }
  return said === 'accepted' ? 'live' : said === 'rejected' ? 'dead' : 'unknown';
}

/** Whether the issuer still accepts it. What is known to be dead, must not be tried, or was erased is not tried. */
async function isLive(version: Found): Promise<'live' | 'dead' | 'unknown'> {
  if (version.provenDeadAt !== null) {
    return 'dead';
  }
  const { credential } = version;
  if (version.sealed === null) {
    return 'unknown';
  }
  try {
    const issuer = openIssuer(credential.issuer, { ...credential, table: 'credentials' });
    if (version.state !== 'current' && issuer.can.failedSignIns === 'none') {
      return 'unknown';
    }
    return await tryAt(issuer, version);
  } catch (error) {
    // Whose secret it is must be answered, and recorded, whatever keeps it from being tried.
    if (!(error instanceof ConnectorError)) {
      log.error({ err: error, versionId: version.id }, 'a secret that was looked up could not be tried');
    }
    return 'unknown';
  }
}

/**
 * Finds which credential and version a pasted value is, by its fingerprint, and whether it still works. The pasted text
 * is neither stored nor logged; that somebody looked, and what was found, is. How much one actor looks up in 15 minutes is limited, so that
 * nobody guesses secrets by it.
 */
export const findSecret = useCase(
  {
    name: 'find-secret',
    may: ['operator', 'approver', 'admin'],
    stepUp: false,
    scope: 'everything',
    input,
  },
  async ({ actor, db }, { text }) => {
    const candidates = candidatesIn(text);
    await requireAllowed(actor, candidates.length, db);
    const found = await versionsWith(candidates.map(fingerprint), db);
    const verdicts = await Promise.all(found.map(isLive));
    await db.prisma.$transaction((tx) =>
      record(tx, {
        action: 'secret.looked_up',
        actor: auditActor(actor),
        found: found.map(({ credential, n }) => ({ credential: credential.name, version: n })),
      }),
    );
    return found.map(({ credential, n, state }, index) => ({
      credentialId: credential.id,
      credential: credential.name,
      issuer: credential.issuer.name,
      /** Its values were erased, so whether this one works was not tried. */
      archived: credential.archivedAt !== null,
      version: n,
      state,
      live: verdicts[index] ?? 'unknown',
    }));
  },
);

export type FoundSecret = Awaited<ReturnType<typeof findSecret>>[number];
