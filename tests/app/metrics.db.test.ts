import fs from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { metricsText } from '#app/_doors/metrics-text.ts';
import { GET } from '#app/metrics/route.ts';
import { system } from '#core/access/actor.ts';
import { record } from '#core/audit/record.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { readMetrics } from '#core/rotation/read-metrics.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { addCredential, addIssuer, addPolicy } from '#tests/support/listed-world.ts';

const TOKEN = 'sample-metrics-token';

beforeAll(() => {
  process.env.REKEY_METRICS_TOKEN = TOKEN;
});

const ask = (authorization?: string) =>
  GET(
    new Request(
      'http://localhost:3000/metrics',
      authorization === undefined ? {} : { headers: { authorization } },
    ),
  );

async function figures(): Promise<Record<string, number>> {
  const text = await (await ask(`Bearer ${TOKEN}`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

test('the figures take the token, and another one is refused', async () => {
  expect((await ask()).status).toBe(401);
  expect((await ask('Bearer another-metrics-token')).status).toBe(401);
  const answer = await ask(`Bearer ${TOKEN}`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
});

test('each figure counts what its help says', async () => {
  const issuerId = await addIssuer('vendor');
  const policyId = await addPolicy('daily', 86_400);
  await addCredential({ name: 'held', issuerId, rotation: { phase: 'deliver', hold: 'target_unhealthy' } });
  await addCredential({ name: 'late', issuerId, rotation: { phase: 'overlap', overlapEndsIn: -1000 } });
  await addCredential({ name: 'done', issuerId, rotation: { phase: 'prove' }, expiresInDays: 3 });
  await addCredential({ name: 'due', issuerId, policyId, dueIn: -700 });
  const { pool } = db();
  await pool.query(
    `update rotations set outcome = 'completed', ended_at = rekey_now() where phase = 'prove'`,
  );
  await pool.query('insert into workers (id) values (gen_random_uuid())');
  await pool.query(`update issuers set health = 'unhealthy'`);
  const found = await figures();
  expect(found).toMatchObject({
    rekey_workers: 1,
    rekey_rotations_running: 1,
    'rekey_rotations_held{hold="target_unhealthy"}': 1,
    'rekey_rotations_held{hold="slot_full"}': 0,
    'rekey_rotations_ended_last_hour{outcome="completed"}': 1,
    'rekey_rotations_ended_last_hour{outcome="cancelled"}': 0,
    rekey_overlaps_past_end: 1,
    rekey_issuers_unhealthy: 1,
    rekey_secrets_expiring: 1,
    rekey_notifiers_failing: 0,
  });
  expect(found.rekey_slot_oldest_due_seconds).toBeGreaterThanOrEqual(700);
});

test('an event that is not sealed is counted with its age, and one that is sealed is not', async () => {
  await sealEvents();
  expect(await figures()).toMatchObject({ rekey_audit_unsealed_events: 0, rekey_audit_seal_lag_seconds: 0 });
  const actor = { kind: 'system' as const, id: null, name: 'test' };
  await record(db().prisma, { action: 'everything.paused', actor });
  await moveTime(process.env.DATABASE_URL ?? '', '90 seconds');
  const waiting = await figures();
  expect(waiting.rekey_audit_unsealed_events).toBe(1);
  expect(waiting.rekey_audit_seal_lag_seconds).toBeGreaterThanOrEqual(90);
  await sealEvents();
  expect(await figures()).toMatchObject({ rekey_audit_unsealed_events: 0, rekey_audit_seal_lag_seconds: 0 });
});

test('every alert asks for figures that there are, and says what to do', async () => {
  const text = metricsText(await readMetrics(system('test'), {}));
  const { groups } = parse(fs.readFileSync('docs/alerts.yml', 'utf8')) as {
    groups: {
      rules: { alert: string; expr: string; annotations: { summary: string; description: string } }[];
    }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(5);
  for (const { alert, expr, annotations } of rules) {
    const [asked = ''] = /rekey_\w+/.exec(expr) ?? [];
    expect(text, alert).toContain(`# TYPE ${asked} gauge`);
    for (const hold of /hold!~"([^"]+)"/.exec(expr)?.[1]?.split('|') ?? []) {
      expect(text, alert).toContain(`hold="${hold}"`);
    }
    expect(annotations.description.length, alert).toBeGreaterThan(20);
  }
});
