import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { markHealthy } from '#core/issuers/mark-healthy.ts';
import { markUnhealthy } from '#core/issuers/mark-unhealthy.ts';
import { releaseRotations } from '#core/issuers/release-rotations.ts';
import { askWhether } from '#core/outside/as-check.ts';
import { openIssuer } from '#core/outside/open-connector.ts';
import type { Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({
  issuerId: z.uuid(),
  /** The credential to check it with; the oldest where none is given. */
  credentialId: z.uuid().optional(),
});

/**
 * Asks an issuer whether it is reachable and lets Rekey in, for one of its credentials. The answer is kept as the
 * issuer's health, unless it is a refusal for good, which is about this credential or the sign-in; nothing outside changes.
 * One that answers again lets its held rotations go on.
 */
export const checkIssuer = useCase(
  { name: 'check-issuer', may: ['operator', 'admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { issuerId, credentialId }) => {
    const row = await db.prisma.issuer.findUnique({
      where: { id: issuerId, archivedAt: null },
      include: {
        credentials: {
          where: { archivedAt: null, ...(credentialId === undefined ? {} : { id: credentialId }) },
          orderBy: { createdAt: 'asc' },
          take: 1,
        },
      },
    });
    if (row === null) {
      throw notFound('issuer');
    }
    const credential = row.credentials[0];
    if (credential === undefined) {
      throw credentialId === undefined ? nothingToCheckWith(row.name) : notFound('credential');
    }
    const issuer = openIssuer(row, { ...credential, table: 'credentials' });
    const good = `${row.name} answers, and lets Rekey manage ${credential.name}.`;
    const { result, answers } = await askWhether(good, () =>
      issuer.ask(null, (connector, call) => connector.check(call)),
    );
    if (result.ok) {
      await db.prisma.$transaction((tx) => markHealthy(tx, row, auditActor(actor)));
      await releaseRotations(auditActor(actor));
    } else if (answers) {
      await noteRefusal(db.prisma, row.id);
    } else {
      await db.prisma.$transaction((tx) => markUnhealthy(tx, row, auditActor(actor)));
    }
    return result;
  },
);

async function noteRefusal(prisma: Db, issuerId: string): Promise<void> {
  await prisma.$executeRaw`
    update issuers set checked_at = rekey_now(), checked_by = 'failed_check' where id = ${issuerId}::uuid`;
}

function nothingToCheckWith(name: string): Problem {
  const sentence = `${name} has no credential yet, so there is nothing to ask it about. It is checked when its first credential is added.`;
  return new Problem(409, 'nothing_to_check_with', sentence);
}
