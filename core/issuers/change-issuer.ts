import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { issuerConnector } from '#connectors/registry.ts';
import { auditActor } from '#core/access/actor.ts';
import { requireFreeName } from '#core/access/free-name.ts';
import { lockCredentials } from '#core/access/lock-credentials.ts';
import { useCase } from '#core/access/use-case.ts';
import { changesOfConfig } from '#core/audit/changes.ts';
import { record } from '#core/audit/record.ts';
import { asProblem } from '#core/outside/as-problem.ts';
import { AT_REST } from '#core/outside/at-rest.ts';
import { checkAddresses } from '#core/outside/check-addresses.ts';
import { leadsElsewhere } from '#core/outside/leads-elsewhere.ts';
import type { ConfiguredRow } from '#core/outside/open-config.ts';
import { openIssuer } from '#core/outside/open-connector.ts';
import { separateSecrets } from '#core/outside/separate-secrets.ts';
import { openFields, sealFields } from '#core/vault/fields.ts';
import type { Database, Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({
  issuerId: z.uuid(),
  /** Left out, it keeps its name. */
  name: z.string().trim().min(1).max(100).optional(),
  /** Left out, it keeps its config and the secrets in it. */
  config: z.record(z.string(), z.unknown()).optional(),
});

const nothing = 'Nothing was changed.';

/**
 * Under settings that lead elsewhere, old secrets would pass for gone and live on; so the oldest credential signs in. Answers whether
 * it can do the same as before, so that a rotation that waits may go on with them.
 */
async function requireSameIssuer(
  db: Database,
  row: ConfiguredRow,
  before: ConfiguredRow,
  secrets: readonly string[],
): Promise<boolean> {
  const credential = await db.prisma.credential.findFirst({
    where: { issuerId: row.id, archivedAt: null },
    orderBy: { id: 'asc' },
    include: { versions: { where: { state: 'current' } } },
  });
  const current = credential?.versions[0];
  if (credential == null || current === undefined) {
    return true;
  }
  const elsewhere = leadsElsewhere(before.config, row.config as Record<string, unknown>);
  if (elsewhere.length > 0) {
    const sentence = `${elsewhere.join(', ')} of ${row.name} leads to another server, and stored secrets are sent to none that came later.`;
    const next = 'Add it as an issuer of its own, and import its credentials there.';
    const atInput = `This leads to another server, and stored secrets are sent to none that came later. ${next}`;
    const fields = Object.fromEntries(elsewhere.map((field) => [`config.${field}`, atInput]));
    throw new Problem(409, 'leads_elsewhere', `${sentence} ${nothing} ${next}`, {}, fields);
  }
  const issuer = openIssuer(row, { ...credential, table: 'credentials' });
  const was = openIssuer(before, { ...credential, table: 'credentials' }).can;
  requireAsMany(row.name, was.maxLive, issuer.can.maxLive);
  const place = { table: 'secret_versions', id: current.id, field: 'sealed' } as const;
  const fields = openFields(place, current.sealed);
  const tried = async () => {
    await issuer.ask(null, (connector, call) => connector.check(call));
    return issuer.ask(null, (connector, call) => connector.verify(call, fields));
  };
  const verdict = await asProblem(nothing, tried, secrets);
  if (verdict !== 'accepted') {
    const sentence = `With these settings ${row.name} does not accept the current secret of ${credential.name}, so it may be another issuer.`;
    throw new Problem(422, 'secret_refused', `${sentence} ${nothing} Add it as an issuer of its own.`);
  }
  return isDeepStrictEqual(was, issuer.can);
}

/** Where one secret replaces the other, what is stored of a secret is no name by which the issuer could revoke it. */
function requireAsMany(name: string, before: number, after: number): void {
  if (before > 1 !== after > 1) {
    const sentence = `With these settings ${name} holds ${after} secrets of a client at a time, and not ${before}, so those that Rekey knows could not be revoked.`;
    throw new Problem(
      409,
      'other_strategy',
      `${sentence} ${nothing} Add it as an issuer of its own, and import its credentials there.`,
    );
  }
}

type Row = NonNullable<Awaited<ReturnType<Database['prisma']['issuer']['findUnique']>>>;

/** The columns of a config that was given, once it is known to be of the same issuer; of none, no columns. */
async function columnsOf(db: Database, row: Row, config: Record<string, unknown> | undefined) {
  if (config === undefined) {
    return { columns: {}, plain: Object(row.config) as Record<string, unknown>, secrets: [], isAlike: true };
  }
  const { plain, secrets } = separateSecrets('config', issuerConnector(row.kind).config, config);
  await checkAddresses('config', plain, secrets);
  const sealed = sealFields({ table: 'issuers', id: row.id, field: 'sealed' }, secrets);
  const given = Object.keys(secrets);
  const isAlike = await requireSameIssuer(db, { ...row, config: plain, sealed }, row, given);
  return { columns: { config: plain as object, sealed }, plain, secrets: given, isAlike };
}

/**
 * None begins until the new settings are stored. One that is held or in overlap goes on with them, where the issuer can do the same as
 * before: an expired sign-in is often what holds it.
 */
async function refuseWhileOpen(tx: Db, { id, name }: Row, isAlike: boolean): Promise<void> {
  const of = { issuerId: id, archivedAt: null };
  const credentials = await tx.credential.findMany({ where: of, select: { id: true } });
  await lockCredentials(
    tx,
    credentials.map((one) => one.id),
    name,
  );
  const open = await tx.rotation.findFirst({
    where: { outcome: null, credential: { issuerId: id }, ...(isAlike ? { NOT: AT_REST } : {}) },
    include: { credential: { select: { name: true } } },
  });
  if (open !== null) {
    const sentence = `${open.credential.name} is being rotated at ${name}.`;
    const next = isAlike ? 'has ended, is held or is in overlap' : 'has ended';
    throw new Problem(409, 'rotation_open', `${sentence} ${nothing} Do it again once that ${next}.`);
  }
}

/**
 * Gives an issuer another name or another config. All of a config is given, also its secrets, and one that has credentials stays at its
 * server: no stored secret is sent to one that came later. The oldest credential is checked and signs in with it first; a rotation that
 * is at work refuses it.
 */
export const changeIssuer = useCase(
  { name: 'change-issuer', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { issuerId: id, name: wished, config }) => {
    const row = await db.prisma.issuer.findUnique({ where: { id, archivedAt: null } });
    if (row === null) {
      throw notFound('issuer');
    }
    const { kind } = row;
    const name = wished ?? row.name;
    const { columns, plain, secrets, isAlike } = await columnsOf(db, row, config);
    await db.prisma.$transaction(async (tx) => {
      if (config !== undefined) {
        await refuseWhileOpen(tx, row, isAlike);
      }
      const other = await tx.issuer.findFirst({ where: { name, archivedAt: null } });
      requireFreeName('issuer', name, other, id);
      const data = { name, ...columns };
      // It may have been archived meanwhile, and then keeps no secret.
      if ((await tx.issuer.updateMany({ where: { id, archivedAt: null }, data })).count === 0) {
        throw notFound('issuer');
      }
      const changes = [
        ...changesOfConfig({ name: row.name }, { name }),
        ...changesOfConfig(row.config, plain),
      ];
      if (changes.length + secrets.length > 0) {
        const event = { id, name, kind, changes, secrets };
        await record(tx, { action: 'issuer.changed', actor: auditActor(actor), ...event });
      }
    });
  },
);
