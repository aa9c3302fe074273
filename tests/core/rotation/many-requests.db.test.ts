import { afterAll, beforeAll, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

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

/** Asks as a program does: what is refused because too much is asked for at once is asked for again. Any other error is thrown. */
async function ask(credentialId: string): Promise<{ rotationId: string; existing: boolean }> {
  for (;;) {
    try {
      return await requestRotation(system('test'), { credentialId });
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'busy')) {
        throw error;
      }
    }
  }
}

test('ten thousand requests at once for two hundred credentials make two hundred rotations, and every request is answered with one', {
  timeout: 180_000,
}, async () => {
  const credentialIds = await copyCredential(200);
  const requests = Array.from({ length: 10_000 }, (_, n) => credentialIds[n % 200] ?? '');
  // All of them are begun before any is answered.
  const answers = await Promise.all(requests.map(ask));
  expect(answers.filter(({ existing }) => !existing)).toHaveLength(200);
  expect(new Set(answers.map(({ rotationId }) => rotationId)).size).toBe(200);
  expect(await db().prisma.rotation.count()).toBe(200);
  expect(await db().prisma.auditEvent.count({ where: { action: 'rotation.requested' } })).toBe(200);
});
