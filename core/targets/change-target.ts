import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { targetConnector } from '#connectors/registry.ts';
import { auditActor } from '#core/access/actor.ts';
import { requireFreeName } from '#core/access/free-name.ts';
import { lockCredentials } from '#core/access/lock-credentials.ts';
import { useCase } from '#core/access/use-case.ts';
import { changesOfConfig } from '#core/audit/changes.ts';
import { record } from '#core/audit/record.ts';
import { asProblem } from '#core/outside/as-problem.ts';
import { AT_REST } from '#core/outside/at-rest.ts';
import { checkAddresses } from '#core/outside/check-addresses.ts';
import { entriesFor } from '#core/outside/entries.ts';
import type { ConfiguredRow } from '#core/outside/open-config.ts';
import { openTarget } from '#core/outside/open-connector.ts';
import { separateSecrets } from '#core/outside/separate-secrets.ts';
import { openFields, sealFields } from '#core/vault/fields.ts';
import type { Database, Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({
  targetId: z.uuid(),
  /** Left out, it keeps its name. */
  name: z.string().trim().min(1).max(100).optional(),
  /** Left out, it keeps its config and the secrets in it. */
  config: z.record(z.string(), z.unknown()).optional(),
});

const nothing = 'Nothing was changed.';
const keys = z.record(z.string(), z.string());

/**
 * Settings that lead elsewhere would leave behind what was delivered; so the oldest binding is looked at with them. Answers whether the
 * target can do the same as before, so that a rotation that waits may go on with them.
 */
async function requireSameTarget(
  db: Database,
  row: ConfiguredRow,
  before: ConfiguredRow,
  secrets: readonly string[],
): Promise<boolean> {
  const binding = await db.prisma.binding.findFirst({
    where: { targetId: row.id, archivedAt: null },
    orderBy: { id: 'asc' },
    include: { credential: { include: { versions: { where: { state: 'current' } } } } },
  });
  const current = binding?.credential.versions[0];
  if (binding == null || current === undefined) {
    return true;
  }
  const target = openTarget(row, { ...binding, table: 'bindings' });
  const place = { table: 'secret_versions', id: current.id, field: 'sealed' } as const;
  const values = openFields(place, current.sealed);
  const entries = entriesFor(keys.parse(binding.fields), current.id, values);
  const tried = async () => {
    await target.ask(null, (connector, call) => connector.check(call));
    return target.ask(current.id, (connector, call) => connector.confirm(call, entries, 'primary'));
  };
  const held = await asProblem(nothing, tried, secrets);
  if (held === 'pending' && target.can.readBack !== 'fetched') {
    const sentence = `With these settings ${row.name} does not hold the current secret of ${binding.credential.name}, so it may be another target.`;
    throw new Problem(422, 'not_confirmed', `${sentence} ${nothing} Add it as a target of its own.`);
  }
  return isDeepStrictEqual(openTarget(before, { ...binding, table: 'bindings' }).can, target.can);
}

type Row = NonNullable<Awaited<ReturnType<Database['prisma']['target']['findUnique']>>>;

/** The columns of a config that was given, once it is known to be of the same target; of none, no columns. */
async function columnsOf(db: Database, row: Row, config: Record<string, unknown> | undefined) {
  if (config === undefined) {
    return { columns: {}, plain: Object(row.config) as Record<string, unknown>, secrets: [], isAlike: true };
  }
  const { plain, secrets } = separateSecrets('config', targetConnector(row.kind).config, config);
  await checkAddresses('config', plain, secrets);
  const sealed = sealFields({ table: 'targets', id: row.id, field: 'sealed' }, secrets);
  const given = Object.keys(secrets);
  const isAlike = await requireSameTarget(db, { ...row, config: plain, sealed }, row, given);
  return { columns: { config: plain as object, sealed }, plain, secrets: given, isAlike };
}

/**
 * None begins until the new settings are stored. One that is held or in overlap goes on with them, where the target can do the same as
 * before: an expired sign-in is often what holds it.
 */
async function refuseWhileOpen(tx: Db, { id, name }: Row, isAlike: boolean): Promise<void> {
  const bound = { bindings: { some: { targetId: id, archivedAt: null } } };
  const credentials = await tx.credential.findMany({ where: bound, select: { id: true } });
  await lockCredentials(
    tx,
    credentials.map((one) => one.id),
    name,
  );
  const open = await tx.rotation.findFirst({
    where: { outcome: null, credential: bound, ...(isAlike ? { NOT: AT_REST } : {}) },
    include: { credential: { select: { name: true } } },
  });
  if (open !== null) {
    const sentence = `${open.credential.name}, which is bound to ${name}, is being rotated.`;
    const next = isAlike ? 'has ended, is held or is in overlap' : 'has ended';
    throw new Problem(409, 'rotation_open', `${sentence} ${nothing} Do it again once that ${next}.`);
  }
}

/**
 * Gives a target another name or another config. All of a config is given, also its secrets: a stored one is never sent to an address
 * that came later. The oldest binding is checked with it first, and its value looked for; a rotation that is at work refuses it.
 */
export const changeTarget = useCase(
  { name: 'change-target', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { targetId: id, name: wished, config }) => {
    const row = await db.prisma.target.findUnique({ where: { id, archivedAt: null } });
    if (row === null) {
      throw notFound('target');
    }
    const { kind } = row;
    const name = wished ?? row.name;
    const { columns, plain, secrets, isAlike } = await columnsOf(db, row, config);
    await db.prisma.$transaction(async (tx) => {
      if (config !== undefined) {
        await refuseWhileOpen(tx, row, isAlike);
      }
      const other = await tx.target.findFirst({ where: { name, archivedAt: null } });
      requireFreeName('target', name, other, id);
      const data = { name, ...columns };
      // It may have been archived meanwhile, and then keeps no secret.
      if ((await tx.target.updateMany({ where: { id, archivedAt: null }, data })).count === 0) {
        throw notFound('target');
      }
      const changes = [
        ...changesOfConfig({ name: row.name }, { name }),
        ...changesOfConfig(row.config, plain),
      ];
      if (changes.length + secrets.length > 0) {
        const event = { id, name, kind, changes, secrets };
        await record(tx, { action: 'target.changed', actor: auditActor(actor), ...event });
      }
    });
  },
);
