import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { notFound } from '#lib/problem.ts';

const instant = (date: Date | null | undefined) => date?.toISOString() ?? null;

type Paused = 'everything' | 'issuer' | 'credential';

/** One credential with its versions, the targets it is bound to and which version each holds, and its rotations. */
export const readCredential = read(
  {
    name: 'read-credential',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ credentialId: z.uuid() }),
  },
  async ({ db }, { credentialId }) => {
    const row = await db.prisma.credential.findUnique({
      where: { id: credentialId },
      include: {
        issuer: true,
        versions: { orderBy: { n: 'desc' }, take: 20 },
        bindings: {
          where: { archivedAt: null },
          include: { target: true, deliveries: { orderBy: { updatedAt: 'desc' } } },
          orderBy: [{ canary: 'desc' }, { createdAt: 'asc' }, { id: 'asc' }],
        },
        rotations: { orderBy: { createdAt: 'desc' }, take: 10 },
        assignment: { include: { policy: true } },
      },
    });
    if (row === null) {
      throw notFound('credential');
    }
    const [{ paused = null } = {}] = await db.prisma.$queryRaw<{ paused: Paused | null }[]>`
      select is_paused(${credentialId}::uuid) as paused`;
    const numberOf = (id: string) => row.versions.find((version) => version.id === id)?.n ?? null;
    return {
      id: row.id,
      name: row.name,
      issuerId: row.issuerId,
      issuer: row.issuer.name,
      createdAt: row.createdAt.toISOString(),
      environment: row.environment,
      owner: row.owner,
      paused: row.pausedAt !== null,
      /** The widest pause that it is in, its own or another; null where there is none. */
      pausedBy: paused,
      openRotationId: row.rotations.find((rotation) => rotation.outcome === null)?.id ?? null,
      policy:
        row.assignment === null
          ? null
          : {
              id: row.assignment.policyId,
              name: row.assignment.policy.name,
              nextRotationAt: instant(row.assignment.dueAt),
            },
      versions: row.versions.map((version) => ({
        id: version.id,
        n: version.n,
        state: version.state,
        fingerprint: version.fingerprint.slice(0, 12),
        hint: version.hint,
        createdAt: version.createdAt.toISOString(),
        promotedAt: instant(version.promotedAt),
        endsAt: instant(version.endsAt),
        revokedAt: instant(version.revokedAt),
        provenDeadAt: instant(version.provenDeadAt),
      })),
      bindings: row.bindings.map((binding) => ({
        id: binding.id,
        targetId: binding.targetId,
        target: binding.target.name,
        kind: binding.target.kind,
        required: binding.required,
        needs: binding.needs,
        readsNext: binding.readsNext,
        keys: Object.values(z.record(z.string(), z.string()).parse(binding.fields)),
        hasConsumer: binding.consumerUrl !== null,
        /** The newest first. */
        deliveries: binding.deliveries.map((delivery) => ({
          version: numberOf(delivery.versionId),
          level: delivery.level,
          confirmedAt: instant(delivery.confirmedAt),
        })),
      })),
      rotations: row.rotations.map((rotation) => ({
        id: rotation.id,
        strategy: rotation.strategy,
        phase: rotation.phase,
        outcome: rotation.outcome,
        hold: rotation.hold,
        createdAt: rotation.createdAt.toISOString(),
        endedAt: instant(rotation.endedAt),
        overlapEndsAt: instant(rotation.overlapEndsAt),
        predictedGapSeconds: rotation.predictedGapSeconds,
        gapSeconds:
          rotation.gapStartedAt === null || rotation.gapEndedAt === null
            ? null
            : Math.max(0, rotation.gapEndedAt.getTime() - rotation.gapStartedAt.getTime()) / 1000,
      })),
    };
  },
);

export type CredentialView = Awaited<ReturnType<typeof readCredential>>;
