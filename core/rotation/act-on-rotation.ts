import type { Actor } from '#core/access/actor.ts';
import { auditActor } from '#core/access/actor.ts';
import type { AuditActor } from '#core/audit/events.ts';
import { CALL_MS } from '#core/outside/open-connector.ts';
import {
  type Claim,
  type Commit,
  commitStep,
  commitStepWith,
  FenceLost,
  join,
  seize,
  TRUST_MS,
} from '#core/rotation/commit-step.ts';
import { describe } from '#core/rotation/describe.ts';
import type { Action } from '#core/rotation/holds.ts';
import { type LoadedRotation, loadRotation } from '#core/rotation/load-rotation.ts';
import { refusal } from '#core/rotation/refusal.ts';
import { type Db, db } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';
import { ring } from '#lib/queue.ts';

/** Until a call that a fenced-off worker may still begin has ended. */
export const UNDER_WAY_MS = CALL_MS + TRUST_MS;

const moved = () =>
  new Problem(
    409,
    'moved_on',
    'The rotation has just moved on. Look at where it stands now; nothing was changed.',
  );

async function load(rotationId: string): Promise<LoadedRotation> {
  if ((await db().prisma.rotation.findUnique({ where: { id: rotationId } })) === null) {
    throw notFound('rotation');
  }
  return loadRotation(rotationId);
}

/** What every event of a person's action carries. */
export type About = Omit<ReturnType<typeof describe>, 'actor'> & { actor: AuditActor };

interface Acting {
  actor: Actor;
  rotationId: string;
  action: Action;
  /** Asked instead of the usual rule, where the action has a stronger form. */
  refuse?: (loaded: LoadedRotation) => string | null;
  /** Stored in the same transaction. A `Problem` of it refuses the action. */
  alongside?: (tx: Db) => Promise<void>;
}

async function store(claim: Claim, phase: string, commit: Commit, alongside: Acting['alongside']) {
  if (alongside === undefined) {
    await commitStep(claim, phase, commit);
    return;
  }
  await db().prisma.$transaction(async (tx) => {
    await alongside(tx);
    await commitStepWith(tx, claim, phase, commit);
  });
}

/**
 * A person's action on an open rotation: asks whether it is allowed, takes the rotation from whoever works on it, asks
 * again, and stores what `change` says with its events. `change` is asked both times as well, and refuses by a `Problem`. A
 * rotation that a worker was busy with goes on only when nothing of that work can still be under way. Throws a `Problem`
 * with the sentence why not.
 */
export async function actOnRotation(
  { actor, rotationId, action, refuse, alongside }: Acting,
  change: (loaded: LoadedRotation, about: About) => Commit,
): Promise<void> {
  const require = (loaded: LoadedRotation) => {
    const why = refuse === undefined ? refusal(action, loaded.situation) : refuse(loaded);
    if (why !== null) {
      throw new Problem(409, 'not_now', `${why} Nothing was changed.`);
    }
  };
  const changed = (loaded: LoadedRotation) => {
    require(loaded);
    return change(loaded, { ...describe(loaded.situation), actor: auditActor(actor) });
  };
  const before = await load(rotationId);
  // For what it throws: what is refused is no reason to replace the worker that is busy with the rotation.
  changed(before);
  const claim = await seize(rotationId, before.situation.phase);
  if (claim === null) {
    throw moved();
  }
  const loaded = await loadRotation(rotationId);
  const { situation } = loaded;
  const free = new Date(situation.now.getTime() + (claim.wasBusy ? UNDER_WAY_MS : 0));
  // The wait is a lease that nobody holds: whatever ends or takes the rotation meanwhile finds it busy, and waits as well.
  const release: Commit = {
    patch: { rotation: { lease_until: claim.wasBusy ? free : null } },
    events: [],
  };
  try {
    const next = { next_attempt_at: free };
    const commit = join({ patch: { rotation: next }, events: [] }, release, changed(loaded));
    await store(claim, situation.phase, commit, alongside);
  } catch (error) {
    if (error instanceof Problem) {
      await commitStep(claim, situation.phase, release);
    }
    throw error instanceof FenceLost ? moved() : error;
  }
  await ring(claim).catch(() => {});
}
