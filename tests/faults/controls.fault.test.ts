import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimsOf } from '#tests/faults/support/case.ts';
import { type CellName, cells } from '#tests/faults/support/cells.ts';
import { Harness, type HarnessOptions } from '#tests/faults/support/harness.ts';
import { brokenPromises, openSecrets } from '#tests/faults/support/invariants.ts';
import { asOwner } from '#tests/faults/support/owner.ts';
import { pointsOf } from '#tests/faults/support/points.ts';
import type { Fault } from '#tests/faults/support/scene.ts';

/*
 * The suite must see what it looks for. Each mechanism is taken away once, in the test's own worker or database, and
 * the promise that it keeps must then be found broken.
 */

const issueLost: Fault = { direction: 'forward', phase: 'issue', moment: 'after', nth: 1, deed: 'kill' };
const deliverFrozen: Fault = { ...issueLost, phase: 'deliver', deed: 'freeze' };

function withHarness(cell: CellName, options: HarnessOptions = {}) {
  const own: { harness: Harness | null } = { harness: null };
  beforeAll(async () => {
    own.harness = await Harness.open(cells[cell], options);
  });
  afterAll(() => own.harness?.close());
  return {
    get it(): Harness {
      if (own.harness === null) {
        throw new Error('The harness is not open yet.');
      }
      return own.harness;
    },
    async broken(fault?: Fault): Promise<string[]> {
      const credentialId = await this.it.newCredential();
      const played = await this.it.play({ credentialId, ...(fault === undefined ? {} : { fault }) });
      return brokenPromises(this.it, played, 'completed');
    },
  };
}

describe('without looking for what was lost with an answer', () => {
  const own = withHarness('two-overlap', { without: ['reconcile'] });

  test('a worker killed after it issued leaves a secret that nobody knows, or no free slot', async () => {
    const broken = await own.broken(issueLost);
    expect(broken.join('\n')).toMatch(/no version knows is live|is held at issue \(slot_full/);
  });
});

describe('without the fence before calls', () => {
  const own = withHarness('many-overlap', { without: ['fence_check'] });

  test('a worker that was frozen before it issued issues a secret that nobody knows', async () => {
    const rehearsal = await own.it.play({ credentialId: await own.it.newCredential() });
    const broken: string[] = [];
    for (const phase of ['preflight', 'issue']) {
      const commits = rehearsal.met.get(`forward ${phase} commit`) ?? [];
      for (const nth of commits.map((_commit, index) => index + 1)) {
        broken.push(
          ...(await own.broken({ direction: 'forward', phase, moment: 'commit', nth, deed: 'freeze' })),
        );
      }
    }
    expect(broken).toContain('A secret that no version knows is live at the issuer.');
  });
});

describe('without the intent before calls', () => {
  const own = withHarness('two-overlap');
  beforeAll(() =>
    asOwner(async (client) => {
      await client.query(`
        create or replace function forget_intent() returns trigger language plpgsql as $$
          begin return case when new.result is null then null else new end; end $$;
        create trigger forget_intent before insert on rotation_steps for each row execute function forget_intent()`);
    }),
  );
  afterAll(() =>
    asOwner(async (client) => void (await client.query('drop trigger forget_intent on rotation_steps'))),
  );

  test('a successor does not know that something was issued', async () => {
    const broken = await own.broken(issueLost);
    expect(broken.join('\n')).toMatch(/no version knows is live|is held at issue \(slot_full/);
  });
});

describe('without the fence in commits', () => {
  const own = withHarness('many-overlap');
  const read = `select pg_get_functiondef('commit_step'::regproc) as body`;
  let body = '';
  beforeAll(() =>
    asOwner(async (client) => {
      body = (await client.query<{ body: string }>(read)).rows[0]?.body ?? '';
      // As in prisma/sql/commit_step.sql, but for whoever asks, in whichever phase.
      const loose = body.replace(
        /and fence = p_fence and phase = p_phase and coalesce\(outcome, ''\) = ''/,
        '',
      );
      expect(loose).not.toBe(body);
      await client.query(loose);
    }),
  );
  afterAll(() => asOwner(async (client) => void (await client.query(body))));

  test('a worker that was frozen stores what it did after it was replaced', async () => {
    const broken = await own.broken(deliverFrozen);
    expect(broken).toContain(
      'A worker that was frozen past its lease stored something after it had been replaced.',
    );
  });
});

describe('without a lease', () => {
  const own = withHarness('two-overlap', { without: ['lease'], patienceMs: 9_000 });
  const read = `select pg_get_functiondef('claim_rotation'::regproc) as body`;
  let body = '';
  beforeAll(() =>
    asOwner(async (client) => {
      body = (await client.query<{ body: string }>(read)).rows[0]?.body ?? '';
      const greedy = body.replace(/and \(lease_until is null or lease_until < rekey_now\(\)\)/, '');
      expect(greedy).not.toBe(body);
      await client.query(greedy);
    }),
  );
  afterAll(() => asOwner(async (client) => void (await client.query(body))));

  test('workers take the rotation from each other in the middle of their work', async () => {
    const played = await own.it.play({ credentialId: await own.it.newCredential(), workers: 3 });
    // With a lease it is about four: doorbell.fault.test.ts says fewer than twenty.
    expect(claimsOf(played)).toBeGreaterThan(20);
  });
});

describe('without a sweep', () => {
  const own = withHarness('two-overlap', { without: ['sweep'], bell: 'queue', patienceMs: 4_000 });

  test('nobody takes up a rotation whose worker died', async () => {
    const broken = await own.broken(issueLost);
    expect(broken.join('\n')).toMatch(/should be completed and stands at forward\/issue, outcome null/);
  });
});

describe('with everything in its place', () => {
  const own = withHarness('unreadable-cut-over');

  beforeAll(() =>
    asOwner(async (client) => {
      await client.query('create table test_notes (note text)');
      await client.query('grant select, insert on test_notes to rekey_app');
    }),
  );

  test('the prober sees the gap that a cut-over has', async () => {
    const credentialId = await own.it.newCredential();
    const played = await own.it.play({ credentialId });
    expect(played.gaps.length).toBeGreaterThan(0);
    expect(await brokenPromises(own.it, played, 'completed')).toEqual([]);
  });

  test('a secret that lies open in a table or in the output of a worker is found', async () => {
    expect(await openSecrets(own.it)).toEqual([]);
    const [secret = ''] = own.it.outside.issued;
    await own.it.sql.query(`insert into test_notes (note) values ($1)`, [`secret=${secret};`]);
    expect(await openSecrets(own.it)).toEqual(['public.test_notes']);
  });
  test('a phase that the suite does not know fails it', () => {
    expect(() => pointsOf('forward', ['preflight', 'a_new_phase'])).toThrow(
      /does not know the phase a_new_phase/,
    );
  });

  test('an end that is not the expected one is told, with where the rotation stands', async () => {
    const credentialId = await own.it.newCredential();
    const played = await own.it.play({ credentialId });
    const broken = await brokenPromises(own.it, played, 'rolled_back');
    expect(broken.join('\n')).toMatch(
      /should be rolled_back and stands at forward\/prove, outcome completed/,
    );
  });

  test('a stray secret, a target that lost the version and a doubled event are told', async () => {
    const credentialId = await own.it.newCredential();
    const played = await own.it.play({ credentialId });
    own.it.outside.held.delete('a/primary');
    own.it.outside.replaceByHand();
    await own.it.sql.query(
      `select record_event(body::jsonb - 'at') from audit_events
        where rotation_id = $1 and action = 'rotation.completed'`,
      [played.rotationId],
    );
    const broken = (await brokenPromises(own.it, played, 'completed')).join('\n');
    expect(broken).toMatch(/The version called current gets no token/);
    expect(broken).toMatch(/A secret that no version knows is live at the issuer/);
    expect(broken).toMatch(/Target a does not hold the current version/);
    expect(broken).toMatch(/The audit tells rotation\.completed 2 times/);
  });
});
