import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import { endBinding } from '#core/credentials/end-binding.ts';
import { bindingParts } from '#core/credentials/lock-binding.ts';
import type { Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({
  credentialId: z.uuid(),
  /** Its name, typed. */
  name: z.string().trim(),
});

const nothing = 'Nothing was changed.';

interface Standing {
  name: string;
  rotation: string | null;
  review: boolean;
  healing: boolean;
}

/** Locks it: a rotation, a binding or a policy that comes at the same moment waits, and finds it archived. */
async function lock(tx: Db, id: string): Promise<Standing> {
  await tx.$queryRaw`select 1 from credentials where id = ${id}::uuid for update`;
  const [row] = await tx.$queryRaw<Standing[]>`
    select c.name, coalesce(c.healing_until > rekey_now(), false) as healing,
           (select r.id from rotations r where r.credential_id = c.id and r.outcome is null) as rotation,
           exists (select 1 from glass_breaks g
                    where g.credential_id = c.id and g.state = 'broken' and g.conclusion is null) as review
      from credentials c where c.id = ${id}::uuid and c.archived_at is null`;
  if (row === undefined) {
    throw notFound('credential');
  }
  return row;
}

function requireNothingInTheWay({ name, rotation, review, healing }: Standing, typed: string): void {
  if (typed !== name) {
    const sentence = `This credential is called ${name}, and that is not what was typed.`;
    throw new Problem(422, 'name_required', `${sentence} ${nothing}`, {}, { name: sentence });
  }
  if (rotation !== null) {
    const sentence = `${name} is being rotated, or a rotation of it waits for approvals.`;
    throw new Problem(
      409,
      'rotation_open',
      `${sentence} ${nothing} Wait for it to end, or cancel it or roll it back; where neither can be done, an admin holds and abandons it.`,
      { rotationId: rotation },
    );
  }
  if (review) {
    const sentence = `The glass was broken for ${name}, and the review of it is open.`;
    throw new Problem(
      409,
      'review_open',
      `${sentence} ${nothing} Close the review on the page Approvals first.`,
    );
  }
  if (healing) {
    const sentence = `A target of ${name} is being given its current secret again.`;
    throw new Problem(409, 'being_healed', `${sentence} ${nothing} Do it again in a few seconds.`);
  }
}

interface About {
  actor: AuditActor;
  credentialId: string;
  credential: string;
}

async function unassign(tx: Db, about: About): Promise<void> {
  const gone = await tx.$queryRaw<{ policy: string }[]>`
    delete from policy_assignments a using policies p
     where a.credential_id = ${about.credentialId}::uuid and p.id = a.policy_id returning p.name as policy`;
  for (const { policy } of gone) {
    await record(tx, { action: 'policy.unassigned', ...about, policy });
  }
}

async function unbind(tx: Db, { actor, credentialId }: About): Promise<void> {
  const where = { credentialId, archivedAt: null };
  for (const binding of await tx.binding.findMany({ where, include: bindingParts, orderBy: { id: 'asc' } })) {
    await endBinding(tx, actor, binding);
  }
}

/**
 * Lets go of a credential for good. Nothing outside is touched: its secret works at the issuer and lies at its targets as
 * before. Here its values are erased, its policy and its bindings are taken away, and its name is free; versions, fingerprints,
 * rotations and the audit stay. One that waits in a batch is passed over by it. Refused while a rotation of it is open, while a
 * target of it is healed, and while a review of a broken glass is.
 */
export const archiveCredential = useCase(
  { name: 'archive-credential', may: ['admin'], stepUp: true, scope: 'credential', input },
  async ({ actor, db }, { credentialId, name: typed }) =>
    db.prisma.$transaction(async (tx) => {
      const standing = await lock(tx, credentialId);
      requireNothingInTheWay(standing, typed);
      const about = { actor: auditActor(actor), credentialId, credential: standing.name };
      await unassign(tx, about);
      await unbind(tx, about);
      await tx.$executeRaw`
        update findings set cleared_at = rekey_now()
         where credential_id = ${credentialId}::uuid and cleared_at is null`;
      await tx.$executeRaw`
        update secret_versions set sealed = null where credential_id = ${credentialId}::uuid`;
      await tx.$executeRaw`
        update credentials set archived_at = rekey_now(), sealed = null, reveal_allowed = false
         where id = ${credentialId}::uuid`;
      await record(tx, { action: 'credential.archived', ...about });
    }),
);
