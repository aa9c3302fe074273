import { z } from 'zod';
import type { Actor } from '#core/access/actor.ts';
import { type CredentialOrder, credentialFilter, credentialOrders } from '#core/access/credential-filter.ts';
import { read } from '#core/access/use-case.ts';
import {
  ENDS,
  EVERY,
  FROM,
  NEXT,
  SINCE,
  states,
  WORST,
  type Worst,
} from '#core/credentials/credential-states.ts';
import { filterConditions } from '#core/credentials/filter-conditions.ts';
import { Problem } from '#lib/problem.ts';

const PAGE = 50;
const LARGEST = 100;

/** What a list can be sorted by: the expression, and its type for the cursor. */
const orders = {
  name: { by: 'c.name', type: 'text' },
  age: { by: `coalesce(${SINCE}, 'infinity')`, type: 'timestamptz' },
  next: { by: `coalesce(${NEXT}, 'infinity')`, type: 'timestamptz' },
} as const satisfies Record<CredentialOrder, { by: string; type: string }>;

const input = credentialFilter.extend({
  sort: z.enum(credentialOrders).default('name'),
  /** Where the page before ended. */
  after: z.string().max(600).optional(),
  limit: z.int().min(1).max(LARGEST).default(PAGE),
});

type Wish = z.output<typeof input>;

/** As Postgres writes a time, in whatever zone: the form that ISO 8601 has, but for the blank and a short offset. */
const time = z
  .string()
  .transform((text) => text.replace(' ', 'T').replace(/[+-]\d\d$/, '$&:00'))
  .pipe(z.union([z.iso.datetime({ offset: true }), z.literal('infinity')]));

/** A name without what Postgres stores in none. */
const text = z.string().refine((name) => !name.includes('\0'));

/** A page ends at a key of the order that it is in: a cursor of another order is none of this one. */
const cursors = {
  text: z.tuple([text, z.uuid()]),
  timestamptz: z.tuple([time, z.uuid()]),
};

const cursorOf = (key: string, id: string) => Buffer.from(JSON.stringify([key, id])).toString('base64url');

function readCursor(after: string, type: keyof typeof cursors): [string, string] {
  try {
    return cursors[type].parse(JSON.parse(Buffer.from(after, 'base64url').toString('utf8')));
  } catch {
    throw new Problem(
      400,
      'bad_cursor',
      'The address names no page of this list. Start again from its first page.',
    );
  }
}

/** The conditions of a wish within the limits of who asks, with their values in order. */
function conditions(actor: Actor, wish: Wish): { where: string; values: unknown[] } {
  const { all, values } = filterConditions(actor, wish);
  if (wish.after !== undefined) {
    const { by, type } = orders[wish.sort];
    values.push(...readCursor(wish.after, type));
    all.push(`(${by}, c.id) > ($${values.length - 1}::${type}, $${values.length}::uuid)`);
  }
  return { where: all.join('\n and '), values };
}

interface Row {
  id: string;
  name: string;
  issuer_id: string;
  issuer: string;
  environment: string;
  labels: string[];
  owner: string | null;
  state: Worst;
  paused: boolean;
  version: number | null;
  since: Date | null;
  expires_at: Date | null;
  policy: string | null;
  interval_seconds: number | null;
  due_at: Date | null;
  rotation_id: string | null;
  phase: string | null;
  direction: string | null;
  hold: string | null;
  rotation_paused: string | null;
  overlap_ends_at: Date | null;
  targets: number;
  confirmed: number;
  key: string;
}

const columns = `
  c.id, c.name, c.issuer_id, i.name as issuer, c.environment, c.labels, c.owner, ${WORST} as state, ${states.paused} as paused,
  v.n as version, ${SINCE} as since, ${ENDS} as expires_at, p.name as policy, ${EVERY} as interval_seconds,
  ${NEXT} as due_at,
  r.id as rotation_id, r.phase, r.direction, r.hold, r.overlap_ends_at,
  case when r.id is not null and not goes_on_in_pause(r) then is_paused(c.id) end as rotation_paused,
  (select count(*)::int from bindings b where b.credential_id = c.id and b.archived_at is null) as targets,
  (select count(*)::int from bindings b where b.credential_id = c.id and b.archived_at is null and exists (
     select 1 from deliveries d
      where d.binding_id = b.id and d.version_id = v.id and d.confirmed_at is not null)) as confirmed`;

/** The age at which the policy rotates: its interval, or the time from the last rotation to the next one. */
function allowedSeconds({ interval_seconds, since, due_at }: Row): number | null {
  if (interval_seconds !== null || since === null || due_at === null) {
    return interval_seconds;
  }
  return Math.max(0, (due_at.getTime() - since.getTime()) / 1000);
}

const instant = (date: Date | null) => date?.toISOString() ?? null;

function shown(row: Row) {
  return {
    id: row.id,
    name: row.name,
    issuerId: row.issuer_id,
    issuer: row.issuer,
    environment: row.environment,
    labels: row.labels,
    owner: row.owner,
    state: row.state,
    paused: row.paused,
    version: row.version,
    since: instant(row.since),
    expiresAt: instant(row.expires_at),
    policy: row.policy,
    allowedSeconds: allowedSeconds(row),
    nextRotationAt: instant(row.due_at),
    open:
      row.rotation_id === null
        ? null
        : {
            id: row.rotation_id,
            phase: row.phase ?? '',
            direction: row.direction ?? 'forward',
            hold: row.hold,
            /** What is paused, so that it waits; null where it goes on all the same. */
            paused: row.rotation_paused,
            overlapEndsAt: instant(row.overlap_ends_at),
          },
    targets: row.targets,
    confirmed: row.confirmed,
  };
}

/**
 * Credentials that fit a wish, a page at a time, with what a list shows of each. Pages are found by key, so the last of
 * 10,000 credentials is as near as the first.
 */
export const searchCredentials = read(
  {
    name: 'search-credentials',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input,
  },
  async ({ actor, db }, wish) => {
    const { where, values } = conditions(actor, wish);
    const { by } = orders[wish.sort];
    const { rows } = await db.pool.query<Row>(
      `select ${columns}, (${by})::text as key ${FROM} where ${where} order by ${by}, c.id limit ${wish.limit + 1}`,
      values,
    );
    const last = rows.length > wish.limit ? rows[wish.limit - 1] : undefined;
    return {
      items: rows.slice(0, wish.limit).map(shown),
      nextAfter: last === undefined ? null : cursorOf(last.key, last.id),
    };
  },
);

export type FoundCredential = Awaited<ReturnType<typeof searchCredentials>>['items'][number];
