import { z } from 'zod';
import { targetConnector } from '#connectors/registry.ts';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { changesOfConfig } from '#core/audit/changes.ts';
import { record } from '#core/audit/record.ts';
import { asProblem } from '#core/outside/as-problem.ts';
import { checkAddresses } from '#core/outside/check-addresses.ts';
import { entriesFor } from '#core/outside/entries.ts';
import type { ConfiguredRow } from '#core/outside/open-config.ts';
import { openTarget } from '#core/outside/open-connector.ts';
import { separateSecrets } from '#core/outside/separate-secrets.ts';
import { openFields, sealFields } from '#core/vault/fields.ts';
import type { Database } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ targetId: z.uuid(), config: z.record(z.string(), z.unknown()) });

const nothing = 'Nothing was changed.';
const keys = z.record(z.string(), z.string());

/** Settings that lead elsewhere would leave behind what was delivered; so the oldest binding is looked at with them. */
async function requireSameTarget(db: Database, row: ConfiguredRow): Promise<void> {
  const binding = await db.prisma.binding.findFirst({
    where: { targetId: row.id, archivedAt: null },
    orderBy: { id: 'asc' },
    include: { credential: { include: { versions: { where: { state: 'current' } } } } },
  });
  const current = binding?.credential.versions[0];
  if (binding == null || current === undefined) {
    return;
  }
  const target = openTarget(row, { ...binding, table: 'bindings' });
  const place = { table: 'secret_versions', id: current.id, field: 'sealed' } as const;
  const values = openFields(place, current.sealed);
  const entries = entriesFor(keys.parse(binding.fields), current.id, values);
  const held = await asProblem(nothing, async () => {
    await target.ask(null, (connector, call) => connector.check(call));
    return target.ask(current.id, (connector, call) => connector.confirm(call, entries, 'primary'));
  });
  if (held === 'pending' && target.can.readBack !== 'fetched') {
    const sentence = `With these settings ${row.name} does not hold the current secret of ${binding.credential.name}, so it may be another target.`;
    throw new Problem(422, 'not_confirmed', `${sentence} ${nothing} Add it as a target of its own.`);
  }
}

/**
 * Gives a target another config. All of it is given, also its secrets: a stored one is never sent to an address that came
 * later. The oldest binding is checked with it first, and its value looked for; a rotation under way refuses it.
 */
export const changeTarget = useCase(
  { name: 'change-target', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { targetId: id, config }) => {
    const row = await db.prisma.target.findUnique({ where: { id, archivedAt: null } });
    if (row === null) {
      throw notFound('target');
    }
    const { plain, secrets } = separateSecrets('config', targetConnector(row.kind).config, config);
    await checkAddresses('config', plain);
    const sealed = sealFields({ table: 'targets', id, field: 'sealed' }, secrets);
    await requireSameTarget(db, { ...row, config: plain, sealed });
    await db.prisma.$transaction(async (tx) => {
      const open = await tx.rotation.findFirst({
        where: { outcome: null, credential: { bindings: { some: { targetId: id, archivedAt: null } } } },
        include: { credential: { select: { name: true } } },
      });
      if (open !== null) {
        const sentence = `${open.credential.name}, which is bound to ${row.name}, is being rotated.`;
        throw new Problem(409, 'rotation_open', `${sentence} ${nothing} Do it again once that has ended.`);
      }
      await tx.target.update({ where: { id }, data: { config: plain as object, sealed } });
      const changes = changesOfConfig(row.config, plain);
      const { name, kind } = row;
      await record(tx, {
        action: 'target.changed',
        actor: auditActor(actor),
        id,
        name,
        kind,
        changes,
        secrets: Object.keys(secrets),
      });
    });
  },
);
