import { z } from 'zod';
import { notifierConnectors } from '#connectors/registry.ts';
import { auditActor } from '#core/access/actor.ts';
import { requireFreeName } from '#core/access/free-name.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { noticeKinds } from '#core/notifiers/notice-kinds.ts';
import { checkAddresses } from '#core/outside/check-addresses.ts';
import { separateSecrets } from '#core/outside/separate-secrets.ts';
import { sealFields } from '#core/vault/fields.ts';
import { newId } from '#lib/new-id.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  name: z.string().trim().min(1).max(100),
  kind: z.string(),
  config: z.record(z.string(), z.unknown()),
  notices: z.array(z.enum(noticeKinds)).min(1, 'Choose at least one.'),
});

/** Saves a notifier; the secrets in its config are sealed. It tells of what stands now, and of what comes. */
export const addNotifier = useCase(
  { name: 'add-notifier', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { name, kind, config, notices }) => {
    const connector = notifierConnectors.get(kind);
    if (connector === undefined) {
      throw new Problem(400, 'unknown_kind', `"${kind}" is not a kind of notifier. Nothing was saved.`);
    }
    const { plain, secrets } = separateSecrets('config', connector.config, config);
    await checkAddresses('config', plain, secrets);
    const id = newId();
    await db.prisma.$transaction(async (tx) => {
      requireFreeName('notifier', name, await tx.notifier.findUnique({ where: { name } }));
      const sealed = sealFields({ table: 'notifiers', id, field: 'sealed' }, secrets);
      await tx.notifier.create({ data: { id, name, kind, config: plain as object, sealed, notices } });
      await record(tx, { action: 'notifier.created', actor: auditActor(actor), id, name, kind });
    });
    return { id };
  },
);
