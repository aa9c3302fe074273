import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Level, whyNotProvable } from '#core/outside/levels.ts';
import type { Database } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

const nothing = 'Nothing was saved.';
const stored = z.record(z.string(), z.string());

interface Wanted {
  readonly targetId: string;
  readonly targetName: string;
  readonly place: Readonly<Record<string, unknown>>;
  /** Field of the credential → key at the target. */
  readonly fields: Readonly<Record<string, string>>;
  readonly readsNext: boolean;
}

/** Where a binding's values lie: its keys and, where the application uses NEXT, the keys beside them. */
function keysOf({ fields, readsNext }: Pick<Wanted, 'fields' | 'readsNext'>): string[] {
  const keys = Object.values(fields);
  return readsNext ? [...keys, ...keys.map((key) => `${key}_NEXT`)] : keys;
}

/** Two bindings that write to one key of a place would take turns in overwriting each other. */
export async function requireFreeKeys(db: Database, wanted: Wanted): Promise<void> {
  const { targetId, targetName, place, fields } = wanted;
  const others = await db.prisma.binding.findMany({
    where: { targetId, archivedAt: null },
    include: { credential: { select: { name: true } } },
  });
  for (const other of others.filter((one) => isDeepStrictEqual(one.place, place))) {
    const theirs = keysOf({ fields: stored.parse(other.fields), readsNext: other.readsNext });
    const key = keysOf(wanted).find((one) => theirs.includes(one));
    if (key === undefined) {
      continue;
    }
    const sentence = `${key} at this place of ${targetName} is already written by a binding of ${other.credential.name}.`;
    const at = Object.keys(fields).find((one) => key === fields[one] || key === `${fields[one]}_NEXT`);
    throw new Problem(
      409,
      'key_taken',
      `${sentence} ${nothing} Bind to another key.`,
      {},
      { [`fields.${at}`]: sentence },
    );
  }
}

/** A level that no delivery can be shown to reach would hold every rotation. */
export function requireProvable(
  needs: Level,
  target: Parameters<typeof whyNotProvable>[1],
  consumerUrl: string | undefined,
): void {
  const why = whyNotProvable(needs, target, consumerUrl);
  if (why !== null) {
    throw new Problem(422, 'level_not_provable', `${why} ${nothing}`, {}, { needs: why });
  }
}

/** The policy of a credential wants more of required deliveries than some targets can show. */
export function requireProvableUnder(
  policy: { name: string; needs: Level },
  target: Parameters<typeof whyNotProvable>[1],
  consumerUrl: string | undefined,
): void {
  const why = whyNotProvable(policy.needs, target, consumerUrl);
  if (why !== null) {
    throw new Problem(
      422,
      'level_not_provable',
      `${why} The policy ${policy.name} wants it of every required delivery. ${nothing} Bind it as best effort, or give the credential another policy.`,
      {},
      { needs: why },
    );
  }
}
