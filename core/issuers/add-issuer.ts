import { z } from 'zod';
import { issuerConnectors } from '#connectors/registry.ts';
import { auditActor } from '#core/access/actor.ts';
import { requireFreeName } from '#core/access/free-name.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { checkAddresses } from '#core/outside/check-addresses.ts';
import { separateSecrets } from '#core/outside/separate-secrets.ts';
import { sealFields } from '#core/vault/fields.ts';
import { newId } from '#lib/new-id.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  name: z.string().trim().min(1).max(100),
  kind: z.string(),
  config: z.record(z.string(), z.unknown()),
});

/** Saves an issuer; the secrets in its config are sealed. */
export const addIssuer = useCase(
  { name: 'add-issuer', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { name, kind, config }) => {
    const connector = issuerConnectors.get(kind);
    if (connector === undefined) {
      throw new Problem(400, 'unknown_kind', `"${kind}" is not a kind of issuer. Nothing was saved.`);
    }
    const { plain, secrets } = separateSecrets('config', connector.config, config);
    await checkAddresses('config', plain, secrets);
    const id = newId();
    await db.prisma.$transaction(async (tx) => {
      requireFreeName('issuer', name, await tx.issuer.findFirst({ where: { name, archivedAt: null } }));
      const sealed = sealFields({ table: 'issuers', id, field: 'sealed' }, secrets);
      await tx.issuer.create({ data: { id, name, kind, config: plain as object, sealed } });
      await record(tx, { action: 'issuer.created', actor: auditActor(actor), id, name, kind });
    });
    return { id };
  },
);
