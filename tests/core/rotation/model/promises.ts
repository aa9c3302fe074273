import type { BindingFact, Situation, Step, VersionFact } from '#core/rotation/situation.ts';
import { incoming, outgoing } from '#core/rotation/situation.ts';
import { promisesNoGap } from '#core/rotation/strategies.ts';
import type { Run } from '#tests/core/rotation/model/run.ts';

/* What Rekey promises, looked at from outside: at the issuer, at the targets, and in what is stored. */

export class Broken extends Error {
  readonly promise: PromiseName;

  constructor(promise: PromiseName, message: string) {
    super(message);
    this.promise = promise;
  }
}

/** Each promise by its short name. */
export const promises = {
  'no gap': 'a strategy that promises no gap leaves every required consumer a value that works',
  slots: 'the issuer is never asked to hold more secrets than it can',
  'point of no return': 'a roll-back is offered only while the old secret works or can be set again',
  'one current': 'there are never two current versions, and never two pending ones',
  transitions: 'a version goes only from pending to current and previous to revoked, or back',
  'revoked too early': 'no secret is revoked while a required target uses it',
  'still in use':
    'an old secret that somebody is seen to use after everybody should have the new one is revoked only if a person says so',
  headroom: 'no secret is issued where the issuer ends the old one before the new one is usually delivered',
  'overlap ends': 'an overlap always has an end, and only a person puts it off',
  end: 'an ended rotation leaves one current version that works at every required target, and the other dead',
  orphans: 'no secret is left at the issuer that nobody knows',
  'way out': 'from every state there is a way out, with one resume at the most',
};
export type PromiseName = keyof typeof promises;

function require(run: Run, holds: boolean, name: PromiseName, what: () => string): void {
  if (!holds) {
    throw new Broken(name, `${promises[name]}, but ${what()}\n${run.story.join('\n')}`);
  }
}

const requiredOf = ({ bindings }: Situation) => bindings.filter((binding) => binding.required);

/** The values that the consumer at a target tries, in their order. */
function usedAt(run: Run, { id, readsNext, redeploys }: BindingFact): (string | null)[] {
  const { primary, next, running } = run.world.target(id);
  const first = redeploys ? running : primary;
  return readsNext && run.stored.strategy === 'prestage' ? [first, next] : [first];
}

/** The issuer has ended the old secret at its own time, before the new one was everywhere. */
const isBeaten = ({ world, stored }: Run) =>
  stored.strategy === 'graced' && stored.from !== null && !world.accepts(stored.from.sealed);

function noGap(run: Run): void {
  const { stored, world } = run;
  if (run.breached || run.glassBroken || !promisesNoGap[stored.strategy] || isBeaten(run)) {
    return;
  }
  for (const binding of requiredOf(stored)) {
    const used = usedAt(run, binding);
    require(run, used.some((value) => world.accepts(value)), 'no gap', () => {
      return `${binding.id} uses ${used.join(', ')}, and the issuer accepts ${world.live().map(({ value }) => value)}`;
    });
  }
}

function slots(run: Run): void {
  const { world, stored } = run;
  const live = world.live().length;
  require(run, live <= stored.can.maxLive, 'slots', () => `the issuer holds ${live} secrets`);
}

const versionsOf = ({ from, to, leftovers }: Situation) =>
  [from, to, ...leftovers].filter((version) => version !== null);

function oneOfAKind(run: Run): void {
  for (const state of ['current', 'pending'] as const) {
    const found = versionsOf(run.stored).filter((version) => version.state === state);
    require(run, found.length <= 1, 'one current', () => `${found.length} versions are ${state}`);
  }
}

const allowed: Record<VersionFact['state'], readonly VersionFact['state'][]> = {
  pending: ['current', 'discarded'],
  current: ['previous', 'discarded'],
  previous: ['current', 'revoked'],
  revoked: [],
  discarded: [],
};

function transitions(run: Run, before: Situation): void {
  const now = new Map(versionsOf(run.stored).map((version) => [version.id, version.state]));
  for (const { id, state } of versionsOf(before)) {
    const after = now.get(id) ?? state;
    const isAllowed = after === state || allowed[state].includes(after);
    require(run, isAllowed, 'transitions', () => `a version went from ${state} to ${after}`);
  }
}

/** A roll-back is offered only while the old secret works or can be set again. */
function pointOfNoReturn(run: Run): void {
  const { stored, world, rules } = run;
  const isOffered = stored.from !== null && rules.refusal('roll_back', { ...stored, now: run.now }) === null;
  // A graced issuer may have ended it by an answer that was lost, which no rule can know.
  if (isOffered && !isBeaten(run)) {
    const canReturn = stored.can.chosenValue || world.accepts(stored.from?.sealed ?? null);
    require(run, canReturn, 'point of no return', () => `a roll-back is offered at ${stored.phase}`);
  }
}

/** Before a secret is retired, every required target uses the one that comes in. */
function revokedTooEarly(run: Run, situation: Situation, step: Step): void {
  if (step.phase !== 'revoke' || run.glassBroken || outgoing(situation) === null) {
    return;
  }
  const value = incoming(situation)?.sealed;
  for (const binding of requiredOf(situation)) {
    const [used] = usedAt(run, binding);
    require(run, used === value, 'revoked too early', () => `${binding.id} still uses ${used}`);
  }
}

/** Who uses the old secret without being a target, where the issuer tells of it. */
function stillInUse(run: Run, situation: Situation, step: Step): void {
  const { strategy, direction, can, from, graceSeconds } = situation;
  const isGuarded = strategy === 'overlap' && direction === 'forward' && can.usageSignal && can.list;
  if (step.phase !== 'revoke' || !isGuarded || graceSeconds === 0 || run.hastened) {
    return;
  }
  const isUsed = run.world.straggler === from?.sealed && run.world.accepts(from?.sealed ?? null);
  require(run, !isUsed, 'still in use', () => `${from?.sealed} is used and is being revoked`);
}

function headroom(
  run: Run,
  { strategy, direction, graceSeconds, deliverySeconds }: Situation,
  step: Step,
): void {
  const isLimited = strategy === 'graced' && direction === 'forward' && graceSeconds > 0;
  if (step.phase === 'issue' && isLimited) {
    const left = Math.max(graceSeconds, 60);
    require(run, left >= deliverySeconds, 'headroom', () =>
      `${left} s are left, and ${deliverySeconds} s needed`);
  }
}

function overlapEnds(run: Run, before: Situation): void {
  const { stored } = run;
  if (stored.phase !== 'overlap' || stored.strategy !== 'overlap' || stored.direction === 'back') {
    return;
  }
  const end = stored.overlapEndsAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const started = run.now.getTime() + stored.graceSeconds * 1000;
  const most = before.phase === 'overlap' ? (before.overlapEndsAt?.getTime() ?? 0) : started;
  require(run, run.extended || end <= most, 'overlap ends', () => `it now ends ${end - most} ms later`);
}

/** After a rotation has ended. */
export function atTheEnd(run: Run): void {
  const { stored, world } = run;
  const { outcome, direction } = stored;
  const value = (outcome === 'cancelled' ? stored.from : incoming(stored))?.sealed ?? null;
  const dead = outcome === 'cancelled' ? null : (outgoing(stored)?.sealed ?? null);
  const isDone = outcome === 'cancelled' || (outcome === 'completed') === (direction === 'forward');
  require(run, isDone, 'end', () => `it ended ${outcome} on the way ${direction}`);
  require(run, dead === null || !world.accepts(dead), 'end', () => `${dead} still works`);
  for (const binding of requiredOf(stored)) {
    const { primary, running } = world.target(binding.id);
    const used = binding.redeploys ? running : primary;
    const isRight = run.glassBroken || used === value;
    require(run, isRight, 'end', () => `${binding.id} holds ${used} and not ${value}`);
  }
  const works = world.accepts(value) || (direction === 'back' && stored.strategy === 'graced');
  require(run, works, 'end', () => `${value} does not work`);
  const [current, ...others] = versionsOf(stored).filter((version) => version.state === 'current');
  const isCurrent = current?.sealed === value && others.length === 0;
  require(run, isCurrent, 'end', () => `${current?.sealed} is current and not ${value}`);
  const orphans = world.live().filter((secret) => secret.value !== value && !world.foreign.has(secret.id));
  // Where the issuer keeps no list, a secret that was lost with an answer cannot be found again.
  const isClean = orphans.length === 0 || (!stored.can.list && stored.can.maxLive > 1);
  require(run, isClean, 'orphans', () => `${orphans.map(({ id }) => id)} are left`);
}

/** Has every promise looked at after everything that happens. */
export function watchOver(run: Run): void {
  run.watch = (before) => {
    noGap(run);
    slots(run);
    if (before !== null) {
      oneOfAKind(run);
      transitions(run, before);
      pointOfNoReturn(run);
      overlapEnds(run, before);
    }
  };
  run.beforeEffect = (situation, step) => {
    revokedTooEarly(run, situation, step);
    stillInUse(run, situation, step);
    headroom(run, situation, step);
  };
}
