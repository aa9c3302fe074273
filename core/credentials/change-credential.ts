import { z } from 'zod';
import { type Actor, auditActor } from '#core/access/actor.ts';
import { requireFreeName } from '#core/access/free-name.ts';
import { scopeOf } from '#core/access/scope.ts';
import { useCase } from '#core/access/use-case.ts';
import { withdrawOutOfLimits } from '#core/access/withdraw-approvals.ts';
import { record } from '#core/audit/record.ts';
import { environmentInput, labelsInput, nameInput, ownerInput } from '#core/credentials/credential-input.ts';
import { notFound, Problem } from '#lib/problem.ts';

/** What is left out stays as it is. */
const input = z.object({
  credentialId: z.uuid(),
  name: nameInput.optional(),
  environment: environmentInput.optional(),
  owner: ownerInput.optional(),
  labels: labelsInput.optional(),
});

const nothing = 'Nothing was changed.';
const told = (value: string) => (value === '' ? 'none' : value);
const inOneOrder = (labels: readonly string[]) => labels.toSorted().join(', ');

/** By its environment and its labels somebody's limits know a credential. */
function requireSameLimits(actor: Actor, fields: readonly string[]): void {
  if (scopeOf(actor) !== null && (fields.includes('environment') || fields.includes('labels'))) {
    throw new Problem(
      403,
      'out_of_scope',
      `You are limited to some credentials, so you change neither the environment nor the labels of one: it would move into the limits of others or out of them. ${nothing}`,
    );
  }
}

/**
 * Changes what a credential is called, where it belongs and who looks after it. Nothing outside is touched, and a rotation that
 * is open goes on; an approval that it waits with counts no longer where the credential leaves the limits of who gave it. Whoever is limited to some credentials leaves environment and labels as they are.
 */
export const changeCredential = useCase(
  { name: 'change-credential', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor, db }, { credentialId: id, ...wish }) =>
    db.prisma.$transaction(async (tx) => {
      // Of two who change it at the same moment, the second one sees what the first one did.
      await tx.$queryRaw`select 1 from credentials where id = ${id}::uuid for no key update`;
      const before = await tx.credential.findUnique({ where: { id, archivedAt: null } });
      if (before === null) {
        throw notFound('credential');
      }
      const after = {
        name: wish.name ?? before.name,
        environment: wish.environment ?? before.environment,
        owner: wish.owner ?? before.owner ?? '',
        labels: wish.labels ?? before.labels,
      };
      const changes = [
        { field: 'name', from: before.name, to: after.name },
        { field: 'environment', from: before.environment, to: after.environment },
        { field: 'owner', from: told(before.owner ?? ''), to: told(after.owner) },
        { field: 'labels', from: told(inOneOrder(before.labels)), to: told(inOneOrder(after.labels)) },
      ].filter(({ from, to }) => from !== to);
      const fields = changes.map(({ field }) => field);
      if (fields.length === 0) {
        return;
      }
      requireSameLimits(actor, fields);
      if (fields.includes('name')) {
        const other = await tx.credential.findFirst({ where: { name: after.name, archivedAt: null } });
        requireFreeName('credential', after.name, other);
      }
      await tx.credential.update({ where: { id }, data: { ...after, owner: after.owner || null } });
      await record(tx, {
        action: 'credential.changed',
        actor: auditActor(actor),
        credentialId: id,
        credential: after.name,
        changes,
      });
      if (fields.includes('environment') || fields.includes('labels')) {
        await withdrawOutOfLimits(tx, id, auditActor(actor));
      }
    }),
);
