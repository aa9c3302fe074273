import { issuerConnectors } from '#connectors/registry.ts';
import { afterName, atMost, pageInput } from '#core/access/page.ts';
import { credentialsOf } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import { hasSettings } from '#core/outside/has-settings.ts';
import { mustNameSecret, usualAbilities } from '#core/outside/usual-abilities.ts';

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
        config: true,
        health: true,
        checkedAt: true,
        checkedBy: true,
        pausedAt: true,
        createdAt: true,
        _count: { select: { credentials: { where: { archivedAt: null, ...credentialsOf(actor) } } } },
      },
    });
    return rows.map(
      ({ id, name, kind, config, health, checkedAt, checkedBy, pausedAt, createdAt, _count }) => {
        const connector = issuerConnectors.get(kind);
        return {
          id,
          name,
          kind,
          /** The kind in words; the kind itself where this version of Rekey knows it no more. */
          title: connector?.title ?? kind,
          hasSettings: hasSettings(connector),
          /** Whether the one in use has to be named where a secret of it is taken over. */
          mustNameSecret:
            connector === undefined ? ('sometimes' as const) : mustNameSecret(connector, Object(config)),
          /** With its config; null where that depends on the place, or this version of Rekey knows the kind no more. */
          can: connector === undefined ? null : usualAbilities(connector, Object(config)),
          health,
          /** When it was last asked whether all is well, and by what; null where it never was. */
          checked:
            checkedAt === null || checkedBy === null ? null : { at: checkedAt.toISOString(), by: checkedBy },
          paused: pausedAt !== null,
          createdAt: createdAt.toISOString(),
          credentials: _count.credentials,
        };
      },
    );
  },
);

export type IssuerRow = Awaited<ReturnType<typeof listIssuers>>[number];
