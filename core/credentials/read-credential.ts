import { z } from 'zod';
import { targetConnectors } from '#connectors/registry.ts';
import { read } from '#core/access/use-case.ts';
import { notFound, Problem } from '#lib/problem.ts';

const instant = (date: Date | null | undefined) => date?.toISOString() ?? null;

/** The earlier of two moments, where one or both may be unknown. */
const earliest = (one: Date | null, other: Date | null) =>
  one === null || (other !== null && other < one) ? other : one;

/** The last of some moments, as an instant; null where there is none. */
function latest(dates: readonly (Date | null)[]): string | null {
  const times = dates.flatMap((date) => (date === null ? [] : date.getTime()));
  return times.length === 0 ? null : new Date(Math.max(...times)).toISOString();
}

type Paused = 'everything' | 'issuer' | 'credential';

/** For whoever comes by an old link, such as one in the audit log. */
const archived = (name: string, at: Date) =>
  new Problem(
    404,
    'archived',
    `${name} was archived on ${at.toISOString().slice(0, 10)}: it is not managed here any more. Its rotations and its events are still told.`,
  );

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
        versions: { orderBy: { n: 'desc' }, take: 20, include: { reveal: true } },
        bindings: {
          where: { archivedAt: null },
          include: {
            target: true,
            // What lies beside the value in use, as NEXT, is not what the target holds.
            deliveries: { where: { slot: 'primary' }, orderBy: { updatedAt: 'desc' } },
          },
          orderBy: [{ canary: 'desc' }, { createdAt: 'asc' }, { id: 'asc' }],
        },
        rotations: { orderBy: { createdAt: 'desc' }, take: 10 },
        assignment: { include: { policy: true } },
        findings: { where: { clearedAt: null }, orderBy: { foundAt: 'desc' }, take: 20 },
      },
    });
    if (row === null) {
      throw notFound('credential');
    }
    if (row.archivedAt !== null) {
      throw archived(row.name, row.archivedAt);
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
      /** Without its secrets, which are sealed. */
      place: z.record(z.string(), z.unknown()).parse(row.place),
      environment: row.environment,
      labels: row.labels,
      owner: row.owner,
      revealAllowed: row.revealAllowed,
      paused: row.pausedAt !== null,
      /** The widest pause that it is in, its own or another; null where there is none. */
      pausedBy: paused,
      openRotationId: row.rotations.find((rotation) => rotation.outcome === null)?.id ?? null,
      policy:
        row.assignment === null
          ? null
          : {
              id: row.assignment.policy.id,
              name: row.assignment.policy.name,
              isOn: row.assignment.policy.enabled,
              intervalSeconds: row.assignment.policy.intervalSeconds,
              nextRotationAt: row.assignment.policy.enabled ? instant(row.assignment.dueAt) : null,
              followingAt: row.assignment.policy.enabled ? instant(row.assignment.nextDueAt) : null,
            },
      versions: row.versions.map((version) => ({
        id: version.id,
        n: version.n,
        state: version.state,
        fingerprint: version.fingerprint.slice(0, 12),
        hint: version.hint,
        createdAt: version.createdAt.toISOString(),
        promotedAt: instant(version.promotedAt),
        /** When it stops working; of the current one also where it expires by itself. */
        endsAt: instant(
          version.state === 'current' ? earliest(version.expiresAt, version.endsAt) : version.endsAt,
        ),
        revokedAt: instant(version.revokedAt),
        provenDeadAt: instant(version.provenDeadAt),
        /** Who had it shown, and when; null where nobody had. */
        revealed:
          version.reveal === null ? null : { by: version.reveal.by, at: version.reveal.at.toISOString() },
        /** The last time that a consumer said it uses this version; null where none ever said so. */
        seenInUseAt: latest(
          row.bindings
            .flatMap(({ deliveries }) => deliveries)
            .filter(({ versionId, level }) => versionId === version.id && level === 'adopted')
            .map(({ confirmedAt }) => confirmedAt),
        ),
      })),
      /** What a comparison with the outside found and left alone; those that a person left as they are, too. */
      findings: row.findings.map((finding) => ({
        id: finding.id,
        detail: finding.detail,
        target: row.bindings.find(({ id }) => id === finding.bindingId)?.target.name ?? null,
        foundAt: finding.foundAt.toISOString(),
        ignored:
          finding.ignoredAt === null
            ? null
            : {
                at: finding.ignoredAt.toISOString(),
                by: finding.ignoredBy ?? '',
                reason: finding.ignoredBecause ?? '',
              },
      })),
      bindings: row.bindings.map((binding) => ({
        id: binding.id,
        targetId: binding.targetId,
        target: binding.target.name,
        kind: binding.target.kind,
        /** The kind in words; the kind itself where this version of Rekey knows it no more. */
        kindTitle: targetConnectors.get(binding.target.kind)?.title ?? binding.target.kind,
        required: binding.required,
        canary: binding.canary,
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
        direction: rotation.direction,
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
