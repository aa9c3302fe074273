import { afterAll, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

const AT_ONCE = 1_000;

let sample: Sample;

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());

/** Copies of a credential without secrets of its own, which is enough to ask for a rotation of it. */
async function copyCredential(times: number): Promise<string[]> {
  const { rows } = await db().pool.query<{ id: string }>(
    `insert into credentials (id, name, issuer_id, place, environment)
     select gen_random_uuid(), name || ' ' || copy, issuer_id, place, environment
       from credentials, generate_series(1, $1) copy where name = 'fleet-api' returning id`,
    [times],
  );
  return rows.map(({ id }) => id);
}

test('ten thousand requests, a thousand at once, for two hundred credentials make two hundred rotations, and every request is answered with one', async () => {
  const credentialIds = await copyCredential(200);
  const requests = Array.from({ length: 10_000 }, (_, n) => credentialIds[n % 200] ?? '');
  const answers = [];
  // As many at once as the pool serves before a request would rather be refused than wait.
  for (let from = 0; from < requests.length; from += AT_ONCE) {
    const wave = requests.slice(from, from + AT_ONCE);
    answers.push(
      ...(await Promise.all(wave.map((credentialId) => requestRotation(system('test'), { credentialId })))),
    );
  }
  expect(answers.filter(({ existing }) => !existing)).toHaveLength(200);
  expect(new Set(answers.map(({ rotationId }) => rotationId)).size).toBe(200);
  expect(await db().prisma.rotation.count()).toBe(200);
  expect(await db().prisma.auditEvent.count({ where: { action: 'rotation.requested' } })).toBe(200);
});
