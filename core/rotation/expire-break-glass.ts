import { record } from '#core/audit/record.ts';
import { db } from '#lib/db.ts';

const actor = { kind: 'system', id: null, name: 'worker' } as const;

interface Expired {
  rotation_id: string;
  credential_id: string;
  name: string;
  ended: boolean;
}

/** Ends requests to break the glass that nobody confirmed in time, or whose rotation has ended before. Nothing was done. */
export async function expireBreakGlass(): Promise<void> {
  await db().prisma.$transaction(async (tx) => {
    const expired = await tx.$queryRaw<Expired[]>`
      update glass_breaks g set state = 'expired'
        from credentials c, rotations r
       where c.id = g.credential_id and r.id = g.rotation_id and g.state = 'asked'
         and (g.until <= rekey_now() or r.outcome is not null)
      returning g.rotation_id, g.credential_id, c.name, r.outcome is not null as ended`;
    for (const { rotation_id: rotationId, credential_id: credentialId, name: credential, ended } of expired) {
      const reason = ended
        ? 'The rotation ended before anybody confirmed it.'
        : 'Nobody confirmed it in time.';
      await record(tx, {
        action: 'break_glass.expired',
        actor,
        rotationId,
        credentialId,
        credential,
        reason,
      });
    }
  });
}
