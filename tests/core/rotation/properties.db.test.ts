import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Claim, type Commit, claim, commitStep } from '#core/rotation/commit-step.ts';
import { loadRotation } from '#core/rotation/load-rotation.ts';
import type { Situation, VersionFact } from '#core/rotation/situation.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { finish, type Game, games, play } from '#tests/core/rotation/model/play.ts';
import { type Rules, type Run, type Stored, theRules } from '#tests/core/rotation/model/run.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

/*
 * What `apply` says of a commit is what `commit_step` does to the rows: games of the model are stored again on Postgres,
 * commit by commit, and read back after each one.
 */

let sample: Sample;

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());

/** The names of the model's bindings in the database. */
type Names = ReadonlyMap<string, string>;

/** A credential, its bindings and its current version, like those that the game began with. */
async function storeStart({ setup }: Run, start: Situation): Promise<Names> {
  const { pool } = db();
  await pool.query(`update issuers set health = 'healthy', failures = 0, probe_at = null`);
  const credentialId = newId();
  await pool.query(
    `insert into credentials (id, name, issuer_id, place, environment)
     select $1::uuid, $1, issuer_id, place, environment from credentials where name = 'fleet-api'`,
    [credentialId],
  );
  const names = new Map(setup.bindings.map(({ id }) => [id, newId()]));
  await pool.query(
    `insert into bindings (id, credential_id, target_id, place, fields, needs)
     select new.id, $1, b.target_id, b.place, b.fields, b.needs
       from unnest($2::uuid[]) as new (id),
            (select b.* from bindings b join credentials c on c.id = b.credential_id
              where c.name = 'fleet-api' limit 1) b`,
    [credentialId, [...names.values()]],
  );
  const { from } = start;
  await pool.query(
    `insert into secret_versions (id, credential_id, n, state, external_id, sealed, fingerprint)
     values ($1, $2, $3, 'current', $4, $5, $6)`,
    [from?.id, credentialId, from?.n, from?.externalId, from?.sealed, from?.fingerprint],
  );
  await pool.query(
    `insert into rotations (id, credential_id, strategy, phase, priority, requested_by, plan_digest, grace_seconds,
                            from_version, predicted_gap_seconds, next_attempt_at)
     values ($1, $2, $3, $4, 'manual', '{}', '', $5, $6, 0, rekey_now() - interval '1 second')`,
    [start.rotationId, credentialId, start.strategy, start.phase, start.graceSeconds, from?.id],
  );
  return names;
}

/** A commit with the names that its bindings have in the database. */
function renamed({ patch, events }: Commit, names: Names): Commit {
  const rename = <Row extends Readonly<Record<string, unknown>>>(row: Row): Row => {
    const name = names.get(String(row.binding_id));
    return name === undefined ? row : { ...row, binding_id: name };
  };
  const { steps, deliveries, ...rest } = patch;
  return {
    patch: {
      ...rest,
      ...(steps === undefined ? {} : { steps: steps.map(rename) }),
      ...(deliveries === undefined ? {} : { deliveries: deliveries.map(rename) }),
    },
    events,
  };
}

async function store(held: Claim, stored: Stored, names: Names): Promise<void> {
  if (stored.kind === 'commit') {
    await commitStep(held, stored.phase, renamed(stored.commit, names));
  } else {
    await db().pool.query(`update rotations set hold = 'manual_hold' where id = $1`, [held.rotationId]);
  }
}

const versionOf = (version: VersionFact | null) => {
  if (version === null) {
    return null;
  }
  const { id, n, fingerprint, state, externalId, sealed, endsAt, revokedAt } = version;
  return { id, n, fingerprint, state, externalId, sealed, endsAt, revokedAt };
};

/** Everything that the rules go by, but for the times that each side takes from its own clock. */
function essence(situation: Situation, names: Names = new Map()) {
  const { strategy, direction, directionAt, phase, outcome, hold, graceSeconds, nextSeq } = situation;
  const { overlapEndsAt, gapStartedAt, gapEndedAt, leftovers, issuer } = situation;
  const { usageLookedAt, newSeenAt, oldSeenAt } = situation;
  const nameOf = (bindingId: string | null) => names.get(bindingId ?? '') ?? bindingId;
  return {
    ...{ strategy, direction, directionAt, phase, outcome, hold, graceSeconds, nextSeq },
    ...{ overlapEndsAt, gapStartedAt, gapEndedAt, usageLookedAt, newSeenAt, oldSeenAt },
    issuer: { healthy: issuer.healthy, failures: issuer.failures },
    versions: [situation.from, situation.to, ...leftovers].map(versionOf),
    deliveries: situation.deliveries
      .map(({ versionId, bindingId, slot, level }) => `${versionId} ${nameOf(bindingId)} ${slot} ${level}`)
      .toSorted(),
    steps: situation.steps.map((step) => {
      const { seq, direction, phase: of, attempt, result, ref } = step;
      return { seq, direction, of, attempt, result, ref, bindingId: nameOf(step.bindingId) };
    }),
  };
}

/** When the attempts begin to count anew, where the commit says so itself. */
function resumedAt(stored: Stored): Date | undefined {
  const { phase, phase_at: at } = (stored.kind === 'commit' && stored.commit.patch.rotation) || {};
  const stays = phase === undefined || (stored.kind === 'commit' && phase === stored.phase);
  return stays && at instanceof Date ? at : undefined;
}

/** Stores a game again and reads it after each commit. Answers how many there were. */
async function replay(game: Game, rules: Rules, toTheEnd: boolean): Promise<number> {
  const run = play(game, rules);
  if (toTheEnd) {
    finish(run);
  }
  const breach = run.log.findIndex(({ kind }) => kind === 'breach');
  const log = breach === -1 ? run.log : run.log.slice(0, breach);
  const [first] = log;
  const { start } = run;
  if (first === undefined) {
    return 0;
  }
  const names = await storeStart(run, start);
  const held = await claim(start.rotationId);
  if (held === null) {
    throw new Error('The rotation could not be claimed.');
  }
  for (const stored of log) {
    await store(held, stored, names);
    const { situation } = await loadRotation(start.rotationId);
    expect(essence(situation)).toEqual(essence(stored.after, names));
    expect(situation.phaseAt).toEqual(resumedAt(stored) ?? situation.phaseAt);
  }
  return log.length;
}

const seed = 20_261_125;

async function replayAll(numRuns: number, rules: Rules, toTheEnd = true): Promise<number> {
  let commits = 0;
  for (const game of fc.sample(games, { seed, numRuns })) {
    commits += await replay(game, rules, toTheEnd);
  }
  return commits;
}

test('the rows after each commit say what `apply` says, over hundreds of rotations', async () => {
  expect(await replayAll(250, theRules)).toBeGreaterThan(2000);
}, 240_000);

test('an `apply` that forgets what the other side calls its work is seen', async () => {
  const forgetting: Rules = {
    ...theRules,
    apply: (situation, commit) => {
      const after = theRules.apply(situation, commit);
      return { ...after, steps: after.steps.map((step) => ({ ...step, ref: null })) };
    },
  };
  // By these rules some games have no end.
  await expect(replayAll(250, forgetting, false)).rejects.toThrow(/to deeply equal/);
});
