import { auditActor, system } from '#core/access/actor.ts';
import { record } from '#core/audit/record.ts';
import { lockEndpoint } from '#core/webhooks/endpoint-input.ts';
import type { Attempt } from '#core/webhooks/post-message.ts';
import { switchOff } from '#core/webhooks/switch-off.ts';
import { type Db, db } from '#lib/db.ts';

/** Seconds until the next attempt of one message, after the first and each further one, as Standard Webhooks recommends. */
const SCHEDULE = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];

/** An endpoint that takes nothing rests for 2, 4, 8 seconds and so on, up to five minutes. */
const LONGEST_REST = 300;

/** After so many days in which nothing was taken, the endpoint is switched off. */
const FAILING_DAYS = 5;

type Failed = Extract<Attempt, { ok: false }>;

/** Whether a failure says something of the endpoint, and not of this message alone. */
const isOfEndpoint = ({ status }: Failed) =>
  status === null || status >= 500 || status === 408 || status === 425 || status === 429;

async function storeAttempt(
  tx: Db,
  { id, attempts }: { id: string; attempts: number },
  { status, error, retryAfterSeconds }: Failed,
): Promise<void> {
  const wait = SCHEDULE[attempts] ?? null;
  // A tenth of jitter to both sides, so that what failed together does not come again together.
  await tx.$executeRaw`
    update webhook_messages
       set attempts = attempts + 1, attempted_at = rekey_now(), status = ${status}, error = ${error},
           next_at = case when ${wait}::float8 is not null then rekey_now() + make_interval(secs => greatest(
             ${retryAfterSeconds}::float8, ${wait}::float8 * (0.9 + 0.2 * random()))) end
     where id = ${id}::uuid and attempts = ${attempts} and next_at is not null`;
}

/** Stores how an endpoint does, and answers whether it has failed for too long. */
async function storeState(tx: Db, endpointId: string, failed: Failed): Promise<boolean> {
  const rests = isOfEndpoint(failed);
  const [state] = await tx.$queryRaw<{ over: boolean }[]>`
    update webhook_endpoints
       set error = ${failed.error}, failures = failures + 1, failing_since = coalesce(failing_since, rekey_now()),
           next_at = case when ${rests} then rekey_now() + make_interval(secs => greatest(
             ${failed.retryAfterSeconds}::float8,
             least(${LONGEST_REST}, power(2, least(failures + 1, 16))) * (0.5 + 0.5 * random()))) else next_at end
     where id = ${endpointId}::uuid
    returning failing_since < rekey_now() - make_interval(days => ${FAILING_DAYS}) as over`;
  return state?.over === true;
}

/**
 * Stores that an attempt failed: when the message is tried next, or that it is given up after the tenth; how long the endpoint
 * rests; and that it is switched off, where it has taken nothing for five days or answers 410 (gone).
 */
export async function noteFailure(
  endpointId: string,
  message: { readonly id: string; readonly attempts: number },
  failed: Failed,
): Promise<void> {
  await db().prisma.$transaction(async (tx) => {
    const { name, enabled } = await lockEndpoint(tx, endpointId);
    await storeAttempt(tx, message, failed);
    const isOver = await storeState(tx, endpointId, failed);
    const because = failed.status === 410 ? 'gone' : 'failing';
    if (enabled && (isOver || because === 'gone')) {
      await switchOff(tx, endpointId, because);
      const actor = auditActor(system('webhooks'));
      await record(tx, { action: 'webhook_endpoint.given_up', actor, id: endpointId, name, because });
    }
  });
}
