import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { asCheck } from '#core/outside/as-check.ts';
import { openIssuer } from '#core/outside/open-connector.ts';
import { openFields } from '#core/vault/fields.ts';
import { fingerprint } from '#core/vault/fingerprint.ts';
import type { Database } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';

const MOST_CANDIDATES = 500;

const input = z.object({
  /** A secret, or a piece of text that may hold some, such as lines of an env file. */
  text: z
    .string()
    .min(1, 'Paste a value first.')
    .max(65_536, 'That is more than 64 KiB. Paste the lines in question.')
    .transform((text) => new Plaintext(text)),
});

const unquoted = (text: string) => text.replace(/^(['"`])([\s\S]*)\1[,;]?$/, '$2');

/** Everything in a text that may be a secret: the whole of it, each line, what follows = or : there, and each word. */
function candidatesIn(text: Plaintext): Plaintext[] {
  const whole = text.expose();
  const lines = whole.split(/\r?\n/);
  const parts = lines.flatMap((line) => {
    const after = /^[^=:]*[=:]\s*(.*)$/.exec(line)?.[1] ?? '';
    return [line.trim(), after.trim(), ...line.split(/[\s,;]+/)];
  });
  const all = [whole, whole.trim(), ...parts].flatMap((part) => [part, unquoted(part)]);
  const distinct = [...new Set(all)].filter((part) => part.length >= 4);
  return distinct.slice(0, MOST_CANDIDATES).map((part) => new Plaintext(part));
}

async function versionsWith(prints: readonly string[], { prisma }: Database) {
  return prisma.secretVersion.findMany({
    where: { fingerprint: { in: [...prints] } },
    include: { credential: { include: { issuer: true } } },
    orderBy: [{ credentialId: 'asc' }, { n: 'desc' }],
    take: 50,
  });
}

type Found = Awaited<ReturnType<typeof versionsWith>>[number];

/** Whether the issuer still accepts it. What is known to be dead, or must not be tried, is not tried. */
async function isLive(version: Found): Promise<'live' | 'dead' | 'unknown'> {
  if (version.provenDeadAt !== null) {
    return 'dead';
  }
  const { credential } = version;
  const issuer = openIssuer(credential.issuer, { ...credential, table: 'credentials' });
  if (version.state !== 'current' && issuer.can.failedSignIns === 'none') {
    return 'unknown';
  }
  const fields = openFields({ table: 'secret_versions', id: version.id, field: 'sealed' }, version.sealed);
  let verdict: 'live' | 'dead' | 'unknown' = 'unknown';
  await asCheck('', async () => {
    const said = await issuer.ask(null, (connector, call) => connector.verify(call, fields));
    verdict = said === 'accepted' ? 'live' : said === 'rejected' ? 'dead' : 'unknown';
  });
  return verdict;
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
      version: n,
      state,
      live: verdicts[index] ?? 'unknown',
    }));
  },
);

export type FoundSecret = Awaited<ReturnType<typeof findSecret>>[number];
