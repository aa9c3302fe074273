import { targetConnectors } from '#connectors/registry.ts';
import { afterName, atMost, pageInput } from '#core/access/page.ts';
import { credentialsOf } from '#core/access/scope.ts';
import { read } from '#core/access/use-case.ts';
import { hasSettings } from '#core/outside/has-settings.ts';
import { usualAbilities } from '#core/outside/usual-abilities.ts';

/** Every target, with how many bindings it has. */
export const listTargets = read(
  {
    name: 'list-targets',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: pageInput,
  },
  async ({ actor, db }, page) => {
    const rows = await db.prisma.target.findMany({
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
        _count: { select: { bindings: { where: { archivedAt: null, credential: credentialsOf(actor) } } } },
      },
    });
    return rows.map(
      ({ id, name, kind, config, health, checkedAt, checkedBy, pausedAt, createdAt, _count }) => {
        const connector = targetConnectors.get(kind);
        return {
          id,
          name,
          kind,
          /** The kind in words; the kind itself where this version of Rekey knows it no more. */
          title: connector?.title ?? kind,
          hasSettings: hasSettings(connector),
          /** With its config; null where that depends on the place, or this version of Rekey knows the kind no more. */
          can: connector === undefined ? null : usualAbilities(connector, Object(config)),
          health,
          /** When it was last asked whether all is well, and by what; null where it never was. */
          checked:
            checkedAt === null || checkedBy === null ? null : { at: checkedAt.toISOString(), by: checkedBy },
          paused: pausedAt !== null,
          createdAt: createdAt.toISOString(),
          bindings: _count.bindings,
        };
      },
    );
  },
);

export type TargetRow = Awaited<ReturnType<typeof listTargets>>[number];
