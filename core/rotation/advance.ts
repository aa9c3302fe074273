import type { AuditEvent } from '#core/audit/events.ts';
import {
  type Claim,
  type Commit,
  claim,
  commitStep,
  FenceLost,
  join,
  requireFence,
} from '#core/rotation/commit-step.ts';
import { conclude, decide, type Performed } from '#core/rotation/decide.ts';
import { describe } from '#core/rotation/describe.ts';
import { holdUnexpected, isTransient } from '#core/rotation/hold-unexpected.ts';
import { type LoadedRotation, loadRotation } from '#core/rotation/load-rotation.ts';
import { perform } from '#core/rotation/perform/perform.ts';
import type { Situation, Step } from '#core/rotation/situation.ts';
import { databaseTime } from '#lib/clock.ts';

/** How often the effect has failed in a row: an answer in between, also "not yet", begins the count anew. */
function failuresInARow({ steps }: Situation, bindingId: string | null): number {
  const counted = steps.filter((step) => step.counts && step.bindingId === bindingId);
  return (
    counted.length - 1 - counted.findLastIndex((step) => step.result === 'ok' || step.result === 'waiting')
  );
}

/** The steps about to be begun: numbered on, and counted as attempts of this phase and binding. */
function stepsToBegin(situation: Situation, bindingIds: readonly (string | null)[]): Step[] {
  return bindingIds.map((bindingId, index) => {
    return {
      seq: situation.nextSeq + index,
      phase: situation.phase,
      bindingId,
      attempt: failuresInARow(situation, bindingId) + 1,
      result: null,
      counts: true,
    };
  });
}

const targetOf = (situation: Situation, bindingId: string | null) => {
  const target = situation.bindings.find((binding) => binding.id === bindingId)?.targetName;
  return target === undefined ? {} : { target };
};

function asRow({ seq, phase, bindingId, attempt }: Step) {
  return { seq, phase, binding_id: bindingId, attempt };
}

function begin(situation: Situation, steps: readonly Step[]): Commit {
  // A poll that repeats is begun once in the audit, not every second.
  const isRepeat = (step: Step) =>
    situation.steps.some((done) => done.bindingId === step.bindingId && done.result === 'waiting');
  const events = steps
    .filter((step) => !isRepeat(step))
    .map(
      (step): AuditEvent => ({
        action: 'step.begun',
        ...describe(situation),
        phase: step.phase,
        attempt: step.attempt,
        ...targetOf(situation, step.bindingId),
      }),
    );
  const started: AuditEvent[] =
    situation.nextSeq === 1 ? [{ action: 'rotation.started', ...describe(situation) }] : [];
  return { patch: { steps: steps.map(asRow) }, events: [...started, ...events] };
}

function stepEnded(situation: Situation, step: Step, performed: Performed): Commit {
  const about = {
    ...describe(situation),
    phase: step.phase,
    attempt: step.attempt,
    ...targetOf(situation, step.bindingId),
  };
  switch (performed.ended) {
    case 'done':
      return {
        patch: { steps: [{ ...asRow(step), result: 'ok' }] },
        events: [{ action: 'step.succeeded', ...about }],
      };
    case 'waiting':
      return { patch: { steps: [{ ...asRow(step), result: 'waiting' }] }, events: [] };
    case 'failed': {
      const { message } = performed.failure;
      return {
        patch: { steps: [{ ...asRow(step), result: 'failed', error: message }] },
        events: [{ action: 'step.failed', outcome: 'failure', ...about, error: message }],
      };
    }
  }
}

/** Intent, effect, result: the intent is committed before the effect, everything that follows from it in one commit after. */
async function act(
  held: Claim,
  loaded: LoadedRotation,
  bindingIds: readonly (string | null)[],
): Promise<Commit> {
  const { situation } = loaded;
  const steps = stepsToBegin(situation, bindingIds);
  await commitStep(held, situation.phase, begin(situation, steps));
  const ready = () => requireFence(held);
  const ended = await Promise.all(
    steps.map(async (step) => ({ step, performed: await perform(loaded, step.bindingId, ready) })),
  );
  const after = { ...situation, now: await databaseTime() };
  const results = ended.map(({ performed }) => performed);
  const own = ended.flatMap(({ step, performed }) => [
    stepEnded(after, step, performed),
    ...(performed.ended !== 'failed' && performed.commit ? [performed.commit] : []),
  ]);
  const attempt = Math.max(...steps.map((step) => step.attempt));
  const commit = join(...own, conclude(after, results, attempt));
  await commitStep(held, situation.phase, commit);
  return commit;
}

const goesOn = ({ patch }: Commit) => patch.rotation?.phase !== undefined;

/**
 * Takes a rotation as far as it can go now: until it ends, waits, or is held. `onCommit` is called after every
 * commit. Returns at once when there is nothing to do or another worker has it.
 */
export async function advance(rotationId: string, onCommit: () => void): Promise<void> {
  const held = await claim(rotationId);
  if (held === null) {
    return;
  }
  try {
    for (;;) {
      const loaded = await loadRotation(rotationId);
      const decision = decide(loaded.situation);
      if (decision.do === 'wait') {
        const rotation = { next_attempt_at: decision.until, lease_until: null };
        await commitStep(held, loaded.situation.phase, { patch: { rotation }, events: [] });
        onCommit();
        return;
      }
      if (decision.do === 'commit') {
        await commitStep(held, loaded.situation.phase, decision.commit);
      }
      const commit =
        decision.do === 'commit' ? decision.commit : await act(held, loaded, decision.bindingIds);
      onCommit();
      if (!goesOn(commit)) {
        return;
      }
    }
  } catch (error) {
    if (error instanceof FenceLost) {
      return;
    }
    if (!isTransient(error)) {
      await holdUnexpected(held);
      onCommit();
    }
    throw error;
  }
}
