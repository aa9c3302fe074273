import { issuerConnectors } from '#connectors/registry.ts';
import { afterName, atMost, pageInput } from '#core/access/page.ts';
import { credentialsOf } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';

/** Every issuer, with how many credentials it has. */
export const listIssuers = read(
  {
    name: 'list-issuers',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: pageInput,
  },
  async ({ actor, db }, page) => {
    const rows = await db.prisma.issuer.findMany({
      where: { archivedAt: null, ...afterName(page) },
      orderBy: { name: 'asc' },
      ...atMost(page),
      select: {
        id: true,
        name: true,
        kind: true,
        health: true,
        pausedAt: true,
        createdAt: true,
        _count: { select: { credentials: { where: { archivedAt: null, ...credentialsOf(actor) } } } },
      },
    });
    return rows.map(({ id, name, kind, health, pausedAt, createdAt, _count }) => ({
      id,
      name,
      kind,
      /** The kind in words; the kind itself where this version of Rekey knows it no more. */
      title: issuerConnectors.get(kind)?.title ?? kind,
      health,
      paused: pausedAt !== null,
      createdAt: createdAt.toISOString(),
      credentials: _count.credentials,
    }));
  },
);

export type IssuerRow = Awaited<ReturnType<typeof listIssuers>>[number];
