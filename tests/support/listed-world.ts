import { databaseTime } from '#lib/clock.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';

/* Rows as the lists read them, without a world outside: what a list shows is a matter of the database alone. */

export async function addIssuer(name: string): Promise<string> {
  const { id } = await db().prisma.issuer.create({ data: { name, kind: 'assisted', config: {} } });
  return id;
}

interface Wish {
  name: string;
  issuerId: string;
  environment?: string;
  owner?: string;
  labels?: string[];
  /** How many days ago its secret was made. */
  ageDays?: number;
  expiresInDays?: number;
  /** Seconds from now until its policy rotates it; negative for the past. */
  dueIn?: number;
  policyId?: string;
  rotation?: { phase: string; hold?: string; direction?: string; overlapEndsIn?: number };
}

const SECOND = 1000;
const DAY = 86_400 * SECOND;

export async function addPolicy(name: string, intervalSeconds: number): Promise<string> {
  const data = { name, intervalSeconds, timeZone: 'UTC', graceSeconds: 60 };
  return (await db().prisma.policy.create({ data })).id;
}

/** A credential with one current version, and what the wish says. */
export async function addCredential(wish: Wish): Promise<string> {
  const { prisma } = db();
  const now = (await databaseTime()).getTime();
  const { name, issuerId, environment = 'production', owner = null, labels = [] } = wish;
  const credential = await prisma.credential.create({
    data: { name, issuerId, place: {}, environment, owner, labels },
  });
  const versionId = newId();
  const promotedAt = new Date(now - (wish.ageDays ?? 1) * DAY);
  await prisma.secretVersion.create({
    data: {
      id: versionId,
      credentialId: credential.id,
      n: 1,
      state: 'current',
      sealed: 'sealed',
      fingerprint: 'f'.repeat(64),
      promotedAt,
      expiresAt: wish.expiresInDays === undefined ? null : new Date(now + wish.expiresInDays * DAY),
    },
  });
  if (wish.policyId !== undefined) {
    const dueAt = wish.dueIn === undefined ? null : new Date(now + wish.dueIn * SECOND);
    await prisma.policyAssignment.create({
      data: { credentialId: credential.id, policyId: wish.policyId, slot: dueAt, dueAt },
    });
  }
  if (wish.rotation !== undefined) {
    const { phase, hold = null, direction = 'forward', overlapEndsIn } = wish.rotation;
    await prisma.rotation.create({
      data: {
        id: newId(),
        credentialId: credential.id,
        strategy: 'overlap',
        phase,
        hold,
        direction,
        priority: 'manual',
        requestedBy: { kind: 'user', id: null, name: 'Ada' },
        planDigest: 'd',
        graceSeconds: 60,
        predictedGapSeconds: 0,
        fromVersion: versionId,
        overlapEndsAt: overlapEndsIn === undefined ? null : new Date(now + overlapEndsIn * SECOND),
      },
    });
  }
  return credential.id;
}
