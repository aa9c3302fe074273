import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { reason } from '#core/access/reason.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { openFields } from '#core/vault/fields.ts';
import type { Db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({
  credentialId: z.uuid(),
  /** The number of the version that was asked for: another one may have become current since. */
  version: z.int().positive(),
  reason,
});

const nothing = 'Nothing was shown.';

/** The current version of a credential whose values may be shown. */
async function findRevealable(tx: Db, id: string, n: number) {
  // Nobody archives it, which erases its values, meanwhile.
  await tx.$queryRaw`select 1 from credentials where id = ${id}::uuid for key share`;
  const credential = await tx.credential.findUnique({
    where: { id, archivedAt: null },
    include: { versions: { where: { state: 'current' } } },
  });
  if (credential === null) {
    throw notFound('credential');
  }
  if (!credential.revealAllowed) {
    const sentence = `No value of ${credential.name} is shown to anybody. An admin can allow it on its page. ${nothing}`;
    throw new Problem(409, 'reveal_off', sentence);
  }
  const [version] = credential.versions;
  if (version === undefined || version.n !== n) {
    throw new Problem(409, 'not_current', `v${n} is not the current version any more. ${nothing}`);
  }
  return { credential, version };
}

/** Takes the one time that a version can be shown, whoever asks at the same moment. */
async function takeOnce(tx: Db, versionId: string, by: string, why: string): Promise<void> {
  const taken = await tx.$executeRaw`
    insert into reveals (version_id, by, reason) values (${versionId}::uuid, ${by}, ${why}) on conflict do nothing`;
  if (taken === 0) {
    const before = await tx.reveal.findUniqueOrThrow({ where: { versionId } });
    const at = `${before.at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    throw new Problem(
      409,
      'revealed_already',
      `${before.by} had this version shown at ${at}, and a version is shown once. Rotate the credential for a value that nobody has seen. ${nothing}`,
    );
  }
}

/**
 * Opens the current version for a person or a program that gives a reason. Each version is opened once; a second ask is refused
 * with who had it, and when. Where the answer is lost on its way, that was the one time.
 */
export const revealSecret = useCase(
  { name: 'reveal-secret', may: ['operator', 'admin'], stepUp: true, scope: 'credential', input },
  async ({ actor, db }, { credentialId, version: n, reason: why }) =>
    db.prisma.$transaction(async (tx) => {
      const { credential, version } = await findRevealable(tx, credentialId, n);
      await takeOnce(tx, version.id, actor.name, why);
      const place = { table: 'secret_versions', id: version.id, field: 'sealed' };
      const fields = openFields(place, version.sealed);
      await record(tx, {
        action: 'secret.revealed',
        actor: auditActor(actor),
        credentialId,
        credential: credential.name,
        version: n,
        fingerprint: version.fingerprint.slice(0, 12),
        reason: why,
      });
      return { version: n, fields };
    }),
);
