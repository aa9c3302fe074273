import type { Commit } from '#core/rotation/commit-step.ts';
import type { Situation } from '#core/rotation/situation.ts';
import type { Phase, Strategy } from '#core/rotation/strategies.ts';
import type { PromiseName } from '#tests/core/rotation/model/promises.ts';
import { type Rules, theRules } from '#tests/core/rotation/model/run.ts';

/* Rules with one fault each, to show that the properties see it. */

type Change = (commit: Commit, situation: Situation) => Commit;

/** The rules with every commit they make changed. */
function changing(change: Change): Rules {
  return {
    ...theRules,
    decide: (situation) => {
      const decision = theRules.decide(situation);
      return decision.do === 'commit'
        ? { do: 'commit', commit: change(decision.commit, situation) }
        : decision;
    },
    conclude: (situation, results) =>
      theRules.conclude(situation, results).map((commit) => change(commit, situation)),
  };
}

/** The rules with one phase left out: what would lead to it leads to another one. */
const leading = (strategy: Strategy, from: Phase, to: Phase) =>
  changing((commit, situation) =>
    commit.patch.rotation?.phase === from && situation.strategy === strategy
      ? { ...commit, patch: { ...commit.patch, rotation: { ...commit.patch.rotation, phase: to } } }
      : commit,
  );

const withVersions = (choose: (row: { state?: unknown }) => boolean) =>
  changing((commit) => {
    const { versions, ...patch } = commit.patch;
    return versions === undefined
      ? commit
      : { ...commit, patch: { ...patch, versions: versions.filter(choose) } };
  });

/** A secret that may have been issued is taken for one that was not. */
const forgetting: Rules = {
  ...theRules,
  apply: (situation, commit) => {
    const after = theRules.apply(situation, commit);
    if (situation.strategy !== 'overlap') {
      return after;
    }
    const steps = after.steps.map((step) =>
      step.phase === 'issue' && step.result === 'unknown' ? { ...step, result: 'failed' as const } : step,
    );
    return { ...after, steps };
  },
};

const endingEarly = changing((commit) =>
  commit.patch.rotation?.phase === 'overlap'
    ? { ...commit, patch: { ...commit.patch, rotation: { ...commit.patch.rotation, outcome: 'completed' } } }
    : commit,
);

const holdingAlways: Rules = {
  ...theRules,
  decide: (situation) =>
    situation.phase === 'verify'
      ? { do: 'commit', commit: { patch: { rotation: { hold: 'verify_rejected' } }, events: [] } }
      : theRules.decide(situation),
};

/** The rules without one hold: they go on with a phase instead. */
const without = (hold: string, phase: Phase) =>
  changing((commit) =>
    commit.patch.rotation?.hold === hold ? { patch: { rotation: { phase } }, events: [] } : commit,
  );

const lengthening = changing((commit, { overlapEndsAt }) => {
  const { rotation } = commit.patch;
  const end = rotation?.overlap_ends_at;
  return overlapEndsAt !== null && end instanceof Date && rotation?.phase === undefined
    ? {
        ...commit,
        patch: {
          ...commit.patch,
          rotation: { ...rotation, overlap_ends_at: new Date(end.getTime() + 10 ** 8) },
        },
      }
    : commit;
});

const allowingBack: Rules = {
  ...theRules,
  refusal: (action, situation) =>
    action === 'roll_back' && situation.direction === 'forward' ? null : theRules.refusal(action, situation),
};

export const faults: { fault: string; rules: Rules; breaks: readonly PromiseName[] }[] = [
  { fault: 'skips confirm', rules: leading('overlap', 'confirm', 'promote'), breaks: ['revoked too early'] },
  { fault: 'skips redeploy', rules: leading('graced', 'redeploy', 'promote'), breaks: ['revoked too early'] },
  { fault: 'skips NEXT', rules: leading('prestage', 'deliver_next', 'issue'), breaks: ['no gap'] },
  {
    fault: 'leaves the old version current',
    rules: withVersions(({ state }) => state !== 'previous'),
    breaks: ['one current'],
  },
  {
    fault: 'calls a version revoked that is still current',
    rules: changing((commit) => ({
      ...commit,
      patch: {
        ...commit.patch,
        ...(commit.patch.versions === undefined
          ? {}
          : {
              versions: commit.patch.versions.map((row) =>
                row.state === 'previous' ? { ...row, state: 'revoked' } : row,
              ),
            }),
      },
    })),
    breaks: ['transitions'],
  },
  { fault: 'takes a lost answer for a failure', rules: forgetting, breaks: ['slots', 'orphans'] },
  { fault: 'revokes what is still used', rules: without('usage_seen', 'revoke'), breaks: ['still in use'] },
  { fault: 'issues without time', rules: without('headroom_too_small', 'issue'), breaks: ['headroom'] },
  { fault: 'lets a use put the end off', rules: lengthening, breaks: ['overlap ends'] },
  { fault: 'ends when the overlap begins', rules: endingEarly, breaks: ['end'] },
  { fault: 'holds again whatever a person mends', rules: holdingAlways, breaks: ['way out'] },
  { fault: 'offers a roll-back at any time', rules: allowingBack, breaks: ['point of no return'] },
];
