import { beforeAll, expect, test, vi } from 'vitest';
import { system } from '#core/access/actor.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { db } from '#lib/db.ts';

const actor = system('test');

/** The newest 1500 events came within an hour, 1500 older ones every two hours, so that every way of searching has its turn. */
const FILL = `
  insert into audit_events (at, action, outcome, actor_kind, actor_name, body, leaf)
  select at, 'step.failed', outcome, 'system', 'worker', body, sha256(convert_to(body, 'UTF8'))
    from generate_series(1, 3000) n
    cross join lateral (select case when n % 7 = 0 then 'failure' else 'success' end as outcome,
      case when n > 1500 then timestamptz '2026-11-01 12:00Z' + (n - 1500) * interval '2 seconds'
           else timestamptz '2026-11-01 11:00Z' - (1500 - n) * interval '2 hours' end as at) event
    cross join lateral (select jsonb_build_object('at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
      'action', 'step.failed', 'outcome', outcome, 'actor', jsonb_build_object('kind', 'system', 'id', null, 'name', 'worker'),
      'error', concat_ws(' ', 'common', case when n % 40 = 0 then 'sometimes' end, case when n % 700 = 1 then 'rarely' end,
        case when n <= 120 then 'formerly' end, case when n between 1300 and 1480 then 'lately' end,
        case when n between 1700 and 1799 then 'earlier' end))::text as body) text`;

interface Stored {
  id: string;
  at: Date;
  outcome: string;
  error: string;
}

let all: Stored[] = [];

beforeAll(async () => {
  await db().pool.query(FILL);
  const { rows } = await db().pool.query<Stored>(
    `select id, at, outcome, body::jsonb->>'error' as error from audit_events order by at desc, id desc`,
  );
  all = rows;
});

async function pages(q: string, direction: 'older' | 'newer'): Promise<string[]> {
  const seen: string[] = [];
  let page = await listAuditEvents(actor, direction === 'older' ? { q } : { q, after: '0-0' });
  for (let next: string | null = ''; next !== null; ) {
    const ids = page.items.map(({ id }) => id).filter((id) => !seen.includes(id));
    seen.splice(direction === 'older' ? seen.length : 0, 0, ...ids);
    next = direction === 'older' ? page.older : page.newer;
    if (next !== null) {
      page = await listAuditEvents(actor, direction === 'older' ? { q, before: next } : { q, after: next });
    }
  }
  return seen;
}

test.each([
  ['common', 3000],
  ['sometimes', 75],
  ['rarely', 5],
  ['formerly', 120],
  ['lately', 181],
  ['earlier', 100],
  ['common sometim', 75],
  ['never', 0],
])(
  'the word "%s" finds its %i events in pages from both ends, however often and whenever it occurs',
  async (text, count) => {
    const words = text.split(' ');
    const wanted = all
      .filter(({ error }) => words.every((word) => error.split(' ').some((one) => one.startsWith(word))))
      .map(({ id }) => id);
    expect(wanted).toHaveLength(count);
    expect(await pages(text, 'older')).toEqual(wanted);
    expect(await pages(text, 'newer')).toEqual(wanted);
  },
);

test('the days that stand beside the words are found by no search', async () => {
  expect(await pages('2026', 'older')).toEqual([]);
  expect(await pages('"@2026-11-01"', 'older')).toEqual([]);
});

test('words are searched for within the range and among the outcomes that were asked for', async () => {
  const until = new Date('2026-10-20T00:00:00Z');
  const wanted = all
    .filter(({ at, outcome, error }) => at < until && outcome === 'failure' && error.includes('common'))
    .map(({ id }) => id);
  expect(wanted.length).toBeGreaterThan(100);
  expect(await pages('common outcome:failure created:..2026-10-19', 'older')).toEqual(wanted);
});

test('each way of searching is taken: for a common word one look, for others the index on more and more days', async () => {
  const asked = vi.spyOn(db().pool, 'query');
  const looks = async (q: string) => {
    asked.mockClear();
    await listAuditEvents(actor, { q });
    return asked.mock.calls.length;
  };
  // Two of them are the look at the next events and how far they reach.
  expect(await looks('common')).toBe(2);
  expect(await looks('earlier')).toBe(3);
  expect(await looks('lately')).toBe(4);
  expect(await looks('sometimes')).toBe(5);
  expect(await looks('never')).toBe(4);
});
