import type { TargetCan } from '#connectors/contract.ts';
import { type Level, neededLevel } from '#core/outside/levels.ts';
import { openTarget } from '#core/outside/open-connector.ts';
import type { Plan } from '#core/rotation/plan.ts';
import type { Database } from '#lib/db.ts';

/** One binding that a rotation writes to. */
interface Reached {
  name: string;
  /** What its kind is called: how the secret comes there. */
  method: string;
  required: boolean;
  redeploy: TargetCan['redeploy'];
  /** How far its delivery will be confirmed. */
  needs: Level;
  /** The environments of all credentials that are delivered to the same target. */
  environments: string[];
  /** The last version that was seen there, and when; null where none ever was. */
  verified: { version: number; level: string; at: string } | null;
}

/** Whom a rotation reaches, and who is known to use the secret without being a target. */
export interface BlastRadius {
  targets: Reached[];
  /** Sentences; empty where nobody else is known. */
  elsewhere: string[];
}

const bindingsOf = (db: Database, credentialId: string) =>
  db.prisma.binding.findMany({
    where: { credentialId },
    include: {
      target: { include: { bindings: { where: { archivedAt: null }, include: { credential: true } } } },
      deliveries: {
        where: { slot: 'primary' },
        orderBy: { updatedAt: 'desc' },
        take: 1,
        include: { version: true },
      },
    },
    orderBy: [{ canary: 'desc' }, { createdAt: 'asc' }, { id: 'asc' }],
  });

type Bound = Awaited<ReturnType<typeof bindingsOf>>[number];

function reached(binding: Bound, least: Level | null): Reached {
  const { target, deliveries, required } = binding;
  const { connector, can } = openTarget(target, { ...binding, table: 'bindings' });
  const [last] = deliveries;
  const environments = new Set(target.bindings.map(({ credential }) => credential.environment));
  return {
    name: target.name,
    method: connector.title,
    required,
    redeploy: can.redeploy,
    needs: neededLevel(binding.needs as Level, required, least),
    environments: [...environments].sort(),
    verified:
      last?.confirmedAt == null
        ? null
        : { version: last.version.n, level: last.level, at: last.confirmedAt.toISOString() },
  };
}

/** A target that is not bound any more, and that nobody has taken the present version away from. */
function leftThere({ target, deliveries }: Bound, current: string): string[] {
  const [last] = deliveries;
  return last?.version.state === 'current'
    ? [
        `${target.name} is not bound any more and may still hold ${current}. Who reads it there gets no new secret.`,
      ]
    : [];
}

const sameValue = (n: number) =>
  n === 1
    ? 'One other credential holds the same value. It is not changed by this rotation.'
    : `${n} other credentials hold the same value. They are not changed by this rotation.`;

/** Other credentials whose secret in use is the same. Not by name: the reader may not be allowed to see them. */
async function others(db: Database, credentialId: string): Promise<number> {
  const [row] = await db.prisma.$queryRaw<{ n: number }[]>`
    select count(distinct o.credential_id)::int as n
      from secret_versions v join secret_versions o on o.fingerprint = v.fingerprint
      join credentials c on c.id = o.credential_id and c.archived_at is null
     where v.credential_id = ${credentialId}::uuid and v.state = 'current' and o.state = 'current'
       and o.credential_id <> v.credential_id`;
  return row?.n ?? 0;
}

/** Reads whom a rotation reaches. Nothing outside is asked. */
export async function blastRadius(db: Database, plan: Plan): Promise<BlastRadius> {
  const { credentialId, fromVersion, needs } = plan;
  const bindings = await bindingsOf(db, credentialId);
  const current = fromVersion === null ? 'the secret in use' : `v${fromVersion}`;
  const shared = await others(db, credentialId);
  return {
    targets: bindings.filter(({ archivedAt }) => archivedAt === null).map((one) => reached(one, needs)),
    elsewhere: [
      ...bindings.filter(({ archivedAt }) => archivedAt !== null).flatMap((one) => leftThere(one, current)),
      ...(shared > 0 ? [sameValue(shared)] : []),
    ],
  };
}
