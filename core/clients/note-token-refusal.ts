import { z } from 'zod';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';

const LIMIT = { refusals: 10, minutes: 15 };

const input = z.object({ clientId: z.uuid(), address: z.string() });

interface Row {
  name: string;
  refusals: number;
}

/**
 * Notes that a request for a token was refused. Answers for how many seconds this client and address are refused without
 * more being written, or null. It never stands in the way of a secret that is right: guessing 256 random bits is hopeless
 * without a limit, and a forgotten program with an old secret must not lock out its neighbours behind the same address.
 */
export const noteTokenRefusal = useCase(
  { name: 'note-token-refusal', may: [], stepUp: false, scope: 'everything', input },
  ({ db }, { clientId, address }) =>
    db.prisma.$transaction(async (tx) => {
      const knocker = JSON.stringify([clientId, address]);
      await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${knocker}, 0))`;
      await tx.$executeRaw`
        delete from token_refusals where at <= rekey_now() - make_interval(mins => ${LIMIT.minutes})`;
      const [client] = await tx.$queryRaw<Row[]>`
        select c.name, (select count(*)::int from token_refusals r
                         where r.client_id = c.id and r.address = ${address}) as refusals
          from api_clients c where c.id = ${clientId}::uuid`;
      if (client === undefined) {
        return null;
      }
      if (client.refusals >= LIMIT.refusals) {
        return { retryAfterSeconds: LIMIT.minutes * 60 };
      }
      await tx.tokenRefusal.create({ data: { clientId, address } });
      const actor = { kind: 'system' as const, id: null, name: 'token endpoint' };
      const about = { id: clientId, name: client.name, address };
      await record(tx, { action: 'api_client.refused', outcome: 'failure', actor, ...about });
      return null;
    }),
);
