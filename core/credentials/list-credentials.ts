import { z } from 'zod';
import { afterName, atMost, pageInput } from '#core/access/page.ts';
import { credentialsOf } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';

/** Every credential with what a list shows of it. */
export const listCredentials = read(
  {
    name: 'list-credentials',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: pageInput.extend({ issuerId: z.uuid().optional(), environment: z.string().max(50).optional() }),
  },
  async ({ actor, db }, { issuerId, environment, ...page }) => {
    const rows = await db.prisma.credential.findMany({
      where: {
        archivedAt: null,
        AND: credentialsOf(actor),
        ...(issuerId === undefined ? {} : { issuerId }),
        ...(environment === undefined ? {} : { environment }),
        ...afterName(page),
      },
      orderBy: { name: 'asc' },
      ...atMost(page),
      include: {
        issuer: true,
        versions: { where: { state: 'current' } },
        bindings: { where: { archivedAt: null }, include: { deliveries: true } },
        rotations: { where: { outcome: null } },
        assignment: { include: { policy: true } },
      },
    });
    return rows.map((row) => {
      const current = row.versions[0];
      const open = row.rotations[0];
      const holding = row.bindings.filter((binding) =>
        binding.deliveries.some(
          (delivery) => delivery.versionId === current?.id && delivery.confirmedAt !== null,
        ),
      );
      return {
        id: row.id,
        name: row.name,
        issuerId: row.issuerId,
        issuer: row.issuer.name,
        environment: row.environment,
        labels: row.labels,
        owner: row.owner,
        paused: row.pausedAt !== null,
        version: current?.n ?? null,
        since: (current?.promotedAt ?? current?.createdAt)?.toISOString() ?? null,
        confirmed: holding.length,
        targets: row.bindings.length,
        policy: row.assignment?.policy.name ?? null,
        nextRotationAt: row.assignment?.policy.enabled ? (row.assignment.dueAt?.toISOString() ?? null) : null,
        open:
          open === undefined
            ? null
            : {
                id: open.id,
                phase: open.phase,
                hold: open.hold,
                overlapEndsAt: open.overlapEndsAt?.toISOString() ?? null,
              },
      };
    });
  },
);

export type CredentialRow = Awaited<ReturnType<typeof listCredentials>>[number];
