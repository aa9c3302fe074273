import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { db } from '#lib/db.ts';
import { claimsOf } from '#tests/faults/support/case.ts';
import { cells } from '#tests/faults/support/cells.ts';
import { Harness } from '#tests/faults/support/harness.ts';
import { brokenPromises } from '#tests/faults/support/invariants.ts';
import type { Fault } from '#tests/faults/support/scene.ts';

const killed: Fault = { direction: 'forward', phase: 'issue', moment: 'after', nth: 1, deed: 'kill' };

describe('with the queue between the sweep and the workers', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open(cells['two-overlap'], { bell: 'queue' });
  });
  afterAll(() => harness?.close());

  test('a rotation is taken to its end by rings alone', async () => {
    const played = await harness.play({ credentialId: await harness.newCredential() });
    expect(await brokenPromises(harness, played, 'completed')).toEqual([]);
  });

  test('when the queue is emptied over and over again, nothing is lost: the sweep rings again', async () => {
    let emptied = 0;
    const credentialId = await harness.newCredential();
    let over = false;
    const emptying = (async () => {
      while (!over) {
        await db()
          .pool.query('delete from bullmq.job')
          .then(
            () => {
              emptied += 1;
            },
            () => {},
          );
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const played = await harness.play({ credentialId, fault: killed });
    over = true;
    await emptying;
    expect(emptied).toBeGreaterThan(0);
    expect(played.fired).toBe(1);
    expect(await brokenPromises(harness, played, 'completed')).toEqual([]);
  });
});

describe('three workers that all see a rotation at once', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open(cells['two-overlap']);
  });
  afterAll(() => harness?.close());

  test('one of them takes it, and every change outside is made once', async () => {
    const played = await harness.play({ credentialId: await harness.newCredential(), workers: 3 });
    expect(await brokenPromises(harness, played, 'completed')).toEqual([]);
    expect(claimsOf(played)).toBeLessThan(20);
    const changes = [...played.met.entries()]
      .filter(([key]) => key.endsWith(' after'))
      .flatMap(([, calls]) => calls.filter(({ changes }) => changes).map(({ name }) => name))
      .toSorted();
    expect(changes).toEqual([
      'issuer.issue',
      'issuer.revoke',
      'target.secret.delivered',
      'target.secret.delivered',
    ]);
  });
});
