import type { Db } from '#lib/db.ts';

const UNSENT = 'The endpoint was switched off before this was sent. Replay it once it is on again.';

/** Switches an endpoint off, and gives up what waits for it. */
export async function switchOff(
  tx: Db,
  endpointId: string,
  because: 'failing' | 'gone' | null,
): Promise<void> {
  await tx.$executeRaw`
    update webhook_endpoints set enabled = false, off_because = ${because}, off_at = rekey_now()
     where id = ${endpointId}::uuid`;
  await tx.$executeRaw`
    update webhook_messages set next_at = null, error = ${UNSENT}
     where endpoint_id = ${endpointId}::uuid and next_at is not null`;
}
