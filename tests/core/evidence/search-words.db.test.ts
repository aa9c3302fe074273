import { beforeAll, expect, test, vi } from 'vitest';
import { system } from '#core/access/actor.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { db } from '#lib/db.ts';

const actor = system('test');

/**
 * The newest 1500 events came within an hour, 1500 older ones every two hours, so that every way of searching has its turn. A
 * visitor did one in 25.
 */
const FILL = `
  insert into audit_events (at, action, outcome, actor_kind, actor_name, body, leaf)
  select at, 'step.failed', outcome, 'system', case when n % 25 = 10 then 'visitor' else 'worker' end, body, sha256(convert_to(body, 'UTF8'))
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
  actor: string;
  error: string;
}

let all: Stored[] = [];

beforeAll(async () => {
  await db().pool.query(FILL);
  const { rows } = await db().pool.query<Stored>(
    `select id, at, outcome, actor_name as actor, body::jsonb->>'error' as error from audit_events order by at desc, id desc`,
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

test('the weeks that stand beside the words in their index are found by no search', async () => {
  const { rows } = await db().pool.query<{ week: number }>(
    'select distinct audit_week(at) as week from audit_events',
  );
  expect(rows.length).toBeGreaterThan(15);
  for (const { week } of rows) {
    expect(await pages(`${week}`, 'older')).toEqual([]);
  }
});

test('the words of an event are indexed each with the week that the event was in, whatever they are made of', async () => {
  const { rows } = await db().pool.query(
    `select audit_words_by_week(array_to_tsvector('{a,7,zürich,東京}'), '2026-11-04 23:59:59.999Z') as words,
            audit_words_by_week('', '2026-11-05') as none, audit_week('2026-11-05') as next`,
  );
  expect(rows).toEqual([{ words: `'2965 7' '2965 a' '2965 zürich' '2965 東京'`, none: '', next: 2966 }]);
});

test('words are searched for within the range and among the outcomes that were asked for', async () => {
  const until = new Date('2026-10-20T00:00:00Z');
  const wanted = all
    .filter(({ at, outcome, error }) => at < until && outcome === 'failure' && error.includes('common'))
    .map(({ id }) => id);
  expect(wanted.length).toBeGreaterThan(100);
  expect(await pages('common outcome:failure created:..2026-10-19', 'older')).toEqual(wanted);
});

test.each<[string, number, (event: Stored) => boolean]>([
  ['common actor:visitor', 120, ({ actor }) => actor === 'visitor'],
  ['lately actor:visitor', 7, ({ actor, error }) => actor === 'visitor' && error.includes('lately')],
  ['lately outcome:failure', 26, ({ outcome, error }) => outcome === 'failure' && error.includes('lately')],
  ['formerly actor:worker', 115, ({ actor, error }) => actor === 'worker' && error.includes('formerly')],
])(
  'words and what else was asked for must both be there: "%s" finds its %i events',
  async (q, count, fits) => {
    const wanted = all.filter(fits).map(({ id }) => id);
    expect(wanted).toHaveLength(count);
    expect(await pages(q, 'older')).toEqual(wanted);
    expect(await pages(q, 'newer')).toEqual(wanted);
  },
);

test('each way of searching is taken: for a common word one look, for others the index of words or of what is rarer', async () => {
  const asked = vi.spyOn(db().pool, 'query');
  const looks = async (q: string) => {
    asked.mockClear();
    await listAuditEvents(actor, { q });
    return asked.mock.calls.map(([statement]) =>
      JSON.stringify(statement).includes('audit_words_by_week') ? 'words' : 'others',
    );
  };
  expect(await looks('common')).toEqual(['others']);
  expect(await looks('common outcome:failure')).toEqual(['others']);
  expect(await looks('sometimes')).toEqual(['others', 'words']);
  expect(await looks('never')).toEqual(['others', 'words']);
  // Between the two looks it counts how many of the next events fit without the words.
  expect(await looks('lately outcome:failure')).toEqual(['others', 'others', 'words']);
  expect(await looks('common actor:visitor')).toEqual(['others', 'others', 'others']);
});
