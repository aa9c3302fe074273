import { begin, stepEnded, stepsToBegin } from '#core/rotation/begin-steps.ts';
import { type Commit, join } from '#core/rotation/commit-step.ts';
import type { Performed } from '#core/rotation/decide.ts';
import type { Hold } from '#core/rotation/holds.ts';
import { needsIntent } from '#core/rotation/perform/perform.ts';
import type { Situation, Step } from '#core/rotation/situation.ts';
import { effectOf, newRow, waitOn } from '#tests/core/rotation/model/effects.ts';
import type { Luck, Run } from '#tests/core/rotation/model/run.ts';

/** The worker has died, with its memory. */
export class Crash extends Error {}

const empty: Commit = { patch: {}, events: [] };
const isEmpty = ({ patch, events }: Commit) =>
  events.length === 0 && Object.values(patch).every((part) => Object.keys(Object(part)).length === 0);
const goesOn = ({ patch }: Commit) => patch.rotation?.phase !== undefined;

/** The hold that a failure leads to, as core/rotation/perform/perform.ts has it. */
const usualHold: Partial<Record<string, Hold>> = {
  deliver_next: 'delivery_exhausted',
  confirm_next: 'confirmation_pending',
  deliver: 'delivery_exhausted',
  redeploy: 'delivery_exhausted',
  confirm: 'confirmation_pending',
  remove_next: 'delivery_exhausted',
};

function failedBy(luck: Luck, { bindingId, phase }: Step): Performed {
  const retry = luck === 'later' ? 'later' : luck === 'never' || luck === 'kept' ? 'never' : 'unknown';
  const otherwise = usualHold[phase] ?? 'issuer_failed';
  const hold = retry === 'unknown' && otherwise === 'issuer_failed' ? 'outcome_unknown' : otherwise;
  const failure = { message: `It is ${luck}.`, retry, hold, ofIssuer: bindingId === null } as const;
  return { bindingId, ended: 'failed', failure };
}

/**
 * Whoever is content with "accepted" is not told when it is there; and where NEXT is used, the way back goes by what is
 * at the target when it is asked.
 */
function mayBeSlow({ strategy, bindings }: Situation, { bindingId }: Step): boolean {
  const found = bindings.find(({ id }) => id === bindingId);
  return strategy !== 'prestage' && found !== undefined && (found.needs !== 'accepted' || found.redeploys);
}

const canWait = ['confirm_next', 'redeploy', 'confirm', 'await_secret', 'verify', 'prove'];

/** A worker's turn, decision by decision like the one in core/rotation/advance.ts. */
export class Turn {
  readonly #run: Run;
  readonly #lucks: Luck[];
  #memory: Situation;
  #unsaved = empty;

  constructor(run: Run, lucks: readonly Luck[]) {
    this.#run = run;
    this.#lucks = [...lucks];
    this.#memory = run.stored;
  }

  get situation(): Situation {
    return { ...this.#memory, now: this.#run.now };
  }

  take(commit: Commit): void {
    this.#memory = this.#run.rules.apply(this.situation, commit);
    this.#unsaved = join(this.#unsaved, commit);
  }

  /** False: a person has held the rotation. */
  save(): boolean {
    if (!isEmpty(this.#unsaved)) {
      this.#run.store(this.#unsaved);
      this.#unsaved = empty;
    }
    return this.#run.stored.hold === null;
  }

  run(): void {
    for (let round = 0; round < 200; round += 1) {
      const decision = this.#run.rules.decide(this.situation);
      if (decision.do === 'wait') {
        this.take({
          patch: { rotation: { next_attempt_at: decision.until, lease_until: null } },
          events: [],
        });
        this.save();
        return;
      }
      if (decision.do === 'commit') {
        this.take(decision.commit);
        if (!goesOn(decision.commit)) {
          this.save();
          return;
        }
      } else if (!this.act(decision.bindingIds)) {
        this.save();
        return;
      }
    }
    throw new Error('A worker’s turn has no end.');
  }

  act(bindingIds: readonly (string | null)[]): boolean {
    const { phase } = this.situation;
    const withIntent = needsIntent(phase);
    this.#chooseValue();
    const steps = stepsToBegin(this.situation, bindingIds);
    this.take(begin(this.situation, steps, withIntent));
    if (withIntent && !this.save()) {
      return false;
    }
    const before = this.situation;
    const results = steps.map((step) => this.#meet(before, step));
    for (const [index, step] of steps.entries()) {
      const performed = results[index];
      if (performed !== undefined) {
        this.take(stepEnded(this.situation, step, performed));
      }
    }
    const concluded = this.#run.rules.conclude(this.situation, results);
    for (const commit of concluded) {
      this.take(commit);
    }
    const isStored = !withIntent || this.#intentFollows() || this.save();
    return isStored && concluded.some(goesOn);
  }

  #intentFollows(): boolean {
    const { situation } = this;
    if (situation.outcome !== null || situation.hold !== null) {
      return false;
    }
    return this.#run.rules.decide(situation).do === 'perform' && needsIntent(situation.phase);
  }

  #chooseValue(): void {
    const { phase, direction, to, can, from } = this.situation;
    const needed = direction === 'forward' && (phase === 'issue' || phase === 'deliver_next');
    if (needed && to === null && can.chosenValue) {
      const row = newRow(this.situation, `chosen for ${from?.n ?? 0} ${this.situation.rotationId}`, null);
      this.take({ patch: { versions: [row], rotation: { to_version: row.id } }, events: [] });
    }
  }

  #meet(situation: Situation, step: Step): Performed {
    const luck = this.#lucks.shift() ?? 'fine';
    const { world } = this.#run;
    const happen = () => {
      this.#run.beforeEffect(situation, step);
      const isSlow = luck === 'slow' && mayBeSlow(situation, step);
      const performed = effectOf(world, situation, step, isSlow);
      this.#run.watch(null);
      return performed;
    };
    switch (luck) {
      case 'held':
        this.#run.hold();
        return happen();
      case 'fine':
      case 'slow':
        return happen();
      case 'not yet':
        return canWait.includes(step.phase) ? waitOn(world, situation, step) : failedBy('later', step);
      case 'crash before':
        throw new Crash();
      case 'crash after':
        happen();
        throw new Crash();
      case 'lost':
        happen();
        return failedBy(luck, step);
      case 'kept':
        happen();
        // Of issuers a failure for good means that nothing was changed; a target may keep what it refuses.
        return failedBy(step.phase.startsWith('deliver') ? 'kept' : 'lost', step);
      default:
        return failedBy(luck, step);
    }
  }
}
