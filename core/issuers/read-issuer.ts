import { z } from 'zod';
import { issuerConnectors } from '#connectors/registry.ts';
import { credentialsOf } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import { notFound } from '#lib/problem.ts';

/** One issuer with its config, as far as that is no secret. */
export const readIssuer = read(
  {
    name: 'read-issuer',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({ issuerId: z.uuid() }),
  },
  async ({ actor, db }, { issuerId }) => {
    const row = await db.prisma.issuer.findUnique({
      where: { id: issuerId, archivedAt: null },
      select: {
        id: true,
        name: true,
        kind: true,
        config: true,
        health: true,
        pausedAt: true,
        createdAt: true,
        _count: { select: { credentials: { where: { archivedAt: null, ...credentialsOf(actor) } } } },
      },
    });
    if (row === null) {
      throw notFound('issuer');
    }
    const { pausedAt, createdAt, _count, ...rest } = row;
    return {
      ...rest,
      /** The kind in words; the kind itself where this version of Rekey knows it no more. */
      title: issuerConnectors.get(row.kind)?.title ?? row.kind,
      config: z.record(z.string(), z.unknown()).parse(row.config),
      paused: pausedAt !== null,
      createdAt: createdAt.toISOString(),
      credentials: _count.credentials,
    };
  },
);
