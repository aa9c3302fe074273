import { z } from 'zod';
import { credentialsOf } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import type { Level } from '#core/outside/levels.ts';
import { rulesOfRow } from '#core/schedule/rules.ts';
import { notFound } from '#lib/problem.ts';

const SHOWN = 100;

/**
 * One policy, with the version that a change of it can be made on the ground of, and which credentials have it: how many,
 * and the first hundred by name, with their next rotation.
 */
export const readPolicy = read(
  {
    name: 'read-policy',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({ policyId: z.uuid() }),
  },
  async ({ actor, db }, { policyId }) => {
    const assigned = { credential: { archivedAt: null, ...credentialsOf(actor) } };
    const row = await db.prisma.policy.findUnique({
      where: { id: policyId, archivedAt: null },
      include: {
        assignments: {
          where: assigned,
          include: { credential: { select: { name: true } } },
          orderBy: { credential: { name: 'asc' } },
          take: SHOWN,
        },
        _count: { select: { assignments: { where: assigned } } },
      },
    });
    if (row === null) {
      throw notFound('policy');
    }
    const { id, name, version, enabled, intervalSeconds, cron, timeZone, graceSeconds, approvals } = row;
    return {
      id,
      name,
      version,
      enabled,
      intervalSeconds,
      cron,
      timeZone,
      graceSeconds,
      graceAfterUseSeconds: row.graceAfterUseSeconds,
      approvals,
      minSpacingSeconds: row.minSpacingSeconds,
      maxAgeSeconds: row.maxAgeSeconds,
      ageBringsForward: row.ageBringsForward,
      renewBeforeSeconds: row.renewBeforeSeconds,
      needs: row.needs as Level | null,
      retryAttempts: row.retryAttempts,
      retrySeconds: row.retrySeconds,
      notifierIds: row.notifierIds,
      rules: rulesOfRow(row),
      credentials: row._count.assignments,
      first: row.assignments.map(({ credentialId, credential, dueAt }) => ({
        id: credentialId,
        name: credential.name,
        nextRotationAt: enabled ? (dueAt?.toISOString() ?? null) : null,
      })),
    };
  },
);

export type PolicyView = Awaited<ReturnType<typeof readPolicy>>;
