import { z } from 'zod';
import { ConnectorError } from '#connectors/contract.ts';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { openIssuer } from '#core/outside/open-connector.ts';
import { openFields } from '#core/vault/fields.ts';
import { fingerprint } from '#core/vault/fingerprint.ts';
import type { Database } from '#lib/db.ts';
import { log } from '#lib/log.ts';
import { Plaintext } from '#lib/plaintext.ts';

/** More than this is nobody's paste; each of them is tried at its issuer. */
const MOST_FOUND = 50;

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

type Found = Awaited<ReturnType<typeof versionsWith>>[number];

/** Whether the issuer still accepts it. What is known to be dead, must not be tried, or was erased is not tried. */
async function isLive(version: Found): Promise<'live' | 'dead' | 'unknown'> {
  if (version.provenDeadAt !== null) {
    return 'dead';
  }
  const { credential, sealed } = version;
  if (sealed === null) {
    return 'unknown';
  }
  try {
    const issuer = openIssuer(credential.issuer, { ...credential, table: 'credentials' });
    if (version.state !== 'current' && issuer.can.failedSignIns === 'none') {
      return 'unknown';
    }
    const fields = openFields({ table: 'secret_versions', id: version.id, field: 'sealed' }, sealed);
    const said = await issuer.ask(null, (connector, call) => connector.verify(call, fields));
    return said === 'accepted' ? 'live' : said === 'rejected' ? 'dead' : 'unknown';
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
 * is neither stored nor logged; that somebody looked, and what was found, is.
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
    const found = await versionsWith(candidatesIn(text).map(fingerprint), db);
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
