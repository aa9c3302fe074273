import { z } from 'zod';
import { auditActor, roles } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { findFetchable } from '#core/credentials/find-fetchable.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({ bindingId: z.uuid(), version: z.uuid() });

/** A consumer says that it uses a version that it has fetched. Refused for everybody who may not fetch it. */
export const reportVersion = useCase(
  { name: 'report-version', may: roles, stepUp: false, scope: 'own', input },
  async ({ actor, db }, { bindingId, version }) =>
    db.prisma.$transaction(async (tx) => {
      const { binding, clientId } = await findFetchable(tx, actor, bindingId);
      const rows = await tx.$queryRaw<{ first: boolean; n: number; fingerprint: string; at: Date }[]>`
        with before as (
          select exists (select from secret_fetches
                          where binding_id = ${bindingId}::uuid and version_id = ${version}::uuid
                            and client_id = ${clientId}::uuid and reported_at is not null) as reported)
        update secret_fetches f
           set reported_at = rekey_now(),
               reported_serving = coalesce((select serving from served_versions s
                                             where s.binding_id = f.binding_id and s.slot = f.slot
                                               and s.version_id = f.version_id), reported_serving)
          from before, secret_versions v
         where f.binding_id = ${bindingId}::uuid and f.version_id = ${version}::uuid
           and f.client_id = ${clientId}::uuid and v.id = f.version_id
        returning not before.reported as first, v.n, v.fingerprint, f.reported_at as at`;
      const [row] = rows;
      if (row === undefined) {
        const sentence = 'This client has not fetched that version from this binding. Nothing was noted.';
        throw new Problem(409, 'not_fetched', sentence);
      }
      if (row.first) {
        await record(tx, {
          action: 'secret.reported',
          actor: auditActor(actor),
          credentialId: binding.credentialId,
          credential: binding.credential.name,
          target: binding.target.name,
          version: row.n,
          fingerprint: row.fingerprint.slice(0, 12),
        });
      }
      return { version, reportedAt: row.at.toISOString() };
    }),
);
