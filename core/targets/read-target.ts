import { z } from 'zod';
import { targetConnectors } from '#connectors/registry.ts';
import { credentialsOf } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import { notFound } from '#lib/problem.ts';

/** One target with its config, as far as that is no secret. */
export const readTarget = read(
  {
    name: 'read-target',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({ targetId: z.uuid() }),
  },
  async ({ actor, db }, { targetId }) => {
    const row = await db.prisma.target.findUnique({
      where: { id: targetId, archivedAt: null },
      select: {
        id: true,
        name: true,
        kind: true,
        config: true,
        health: true,
        pausedAt: true,
        createdAt: true,
        _count: { select: { bindings: { where: { archivedAt: null, credential: credentialsOf(actor) } } } },
      },
    });
    if (row === null) {
      throw notFound('target');
    }
    const { pausedAt, createdAt, _count, ...rest } = row;
    return {
      ...rest,
      /** The kind in words; the kind itself where this version of Rekey knows it no more. */
      title: targetConnectors.get(row.kind)?.title ?? row.kind,
      config: z.record(z.string(), z.unknown()).parse(row.config),
      paused: pausedAt !== null,
      createdAt: createdAt.toISOString(),
      bindings: _count.bindings,
    };
  },
);
