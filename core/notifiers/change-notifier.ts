import { z } from 'zod';
import { notifierConnectors } from '#connectors/registry.ts';
import { auditActor } from '#core/access/actor.ts';
import { requireFreeName } from '#core/access/free-name.ts';
import { useCase } from '#core/access/use-case.ts';
import { changesOfConfig } from '#core/audit/changes.ts';
import { record } from '#core/audit/record.ts';
import { forgetGivenUp } from '#core/notifiers/forget-given-up.ts';
import { noticeKinds } from '#core/notifiers/notice-kinds.ts';
import { checkAddresses } from '#core/outside/check-addresses.ts';
import { separateSecrets } from '#core/outside/separate-secrets.ts';
import { sealFields } from '#core/vault/fields.ts';
import type { Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({
  notifierId: z.uuid(),
  name: z.string().trim().min(1).max(100).optional(),
  config: z.record(z.string(), z.unknown()).optional(),
  notices: z.array(z.enum(noticeKinds)).min(1, 'Choose at least one.').optional(),
});

type Row = NonNullable<Awaited<ReturnType<Db['notifier']['findUnique']>>>;

async function lockNotifier(tx: Db, id: string): Promise<Row> {
  await tx.$queryRaw`select 1 from notifiers where id = ${id}::uuid for update`;
  const row = await tx.notifier.findUnique({ where: { id } });
  if (row === null) {
    throw notFound('notifier');
  }
  return row;
}

/** The columns of a config that was given; of none, no columns: the notifier keeps its own. */
async function columnsOf(row: Row, config: Record<string, unknown> | undefined) {
  if (config === undefined) {
    return { columns: {}, plain: Object(row.config) as Record<string, unknown>, secrets: [] };
  }
  const connector = notifierConnectors.get(row.kind);
  if (connector === undefined) {
    throw new Problem(400, 'unknown_kind', `"${row.kind}" is not a kind of notifier. Nothing was saved.`);
  }
  const { plain, secrets } = separateSecrets('config', connector.config, config);
  await checkAddresses('config', plain, secrets);
  const sealed = sealFields({ table: 'notifiers', id: row.id, field: 'sealed' }, secrets);
  // Why the last message was not sent is said of settings that are no more.
  const columns = { config: plain as object, sealed, error: null };
  return { columns, plain, secrets: Object.keys(secrets) };
}

/**
 * Nothing more is sent of kinds that it no longer tells of. What waits is tried with other settings at once, and what was given
 * up with the old ones is told of again where it still stands.
 */
async function moveWaiting(
  tx: Db,
  id: string,
  notices: readonly string[],
  reconfigured: boolean,
): Promise<void> {
  await tx.notification.deleteMany({
    where: { notifierId: id, nextAt: { not: null }, kind: { notIn: [...notices] } },
  });
  if (reconfigured) {
    await tx.$executeRaw`
      update notifications set next_at = date_trunc('milliseconds', rekey_now())
       where notifier_id = ${id}::uuid and next_at is not null`;
    await forgetGivenUp(tx, id);
  }
}

/**
 * Changes a notifier's name, where it sends to, or what it tells of; what is left out stays. All of a config is given, also its
 * secrets: a stored one is never sent to an address that came later.
 */
export const changeNotifier = useCase(
  { name: 'change-notifier', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { notifierId: id, config, ...wish }) => {
    const seen = await db.prisma.notifier.findUnique({ where: { id } });
    if (seen === null) {
      throw notFound('notifier');
    }
    const { columns, plain, secrets } = await columnsOf(seen, config);
    await db.prisma.$transaction(async (tx) => {
      const before = await lockNotifier(tx, id);
      const { name = before.name, notices = before.notices } = wish;
      requireFreeName('notifier', name, await tx.notifier.findUnique({ where: { name } }), id);
      await tx.notifier.update({ where: { id }, data: { name, notices, ...columns } });
      await moveWaiting(tx, id, notices, config !== undefined);
      const listed = (kinds: readonly string[]) => [...kinds].sort().join(', ');
      const changes = [
        ...changesOfConfig(
          { name: before.name, notices: listed(before.notices) },
          { name, notices: listed(notices) },
        ),
        ...(config === undefined ? [] : changesOfConfig(before.config, plain)),
      ];
      if (changes.length + secrets.length > 0) {
        const { kind } = before;
        const event = { id, name, kind, changes, secrets };
        await record(tx, { action: 'notifier.changed', actor: auditActor(actor), ...event });
      }
    });
  },
);
