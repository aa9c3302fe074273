import { takeTurns } from '#core/outside/turn.ts';
import { apply } from '#core/rotation/apply.ts';
import { begin, notAsked, stepEnded, stepsToBegin } from '#core/rotation/begin-steps.ts';
import {
  type Claim,
  type Commit,
  claim,
  commitStep,
  FenceLost,
  join,
  requireFence,
  type Stored,
  TRUST_MS,
} from '#core/rotation/commit-step.ts';
import { conclude, decide } from '#core/rotation/decide.ts';
import { holdUnexpected, isTransient } from '#core/rotation/hold-unexpected.ts';
import { type LoadedRotation, openRotation } from '#core/rotation/load-rotation.ts';
import { chooseValue } from '#core/rotation/perform/choose-value.ts';
import { needsIntent, perform } from '#core/rotation/perform/perform.ts';
import type { Situation } from '#core/rotation/situation.ts';
import { stopwatch } from '#lib/clock.ts';

/** The database's time, carried on by this process's own measure of how long ago it was told. */
class DatabaseClock {
  #told: number;
  #since: number;

  constructor(told: Date) {
    this.#told = told.getTime();
    this.#since = performance.now();
  }

  /** Never goes back: what was decided a moment ago must not lie in the future. */
  tell(told: Date): void {
    this.#told = Math.max(told.getTime(), this.now().getTime());
    this.#since = performance.now();
  }

  readonly now = () => new Date(this.#told + performance.now() - this.#since);
}

const isEmpty = ({ patch, events }: Commit) => {
  const { rotation = {}, ...rows } = patch;
  return events.length === 0 && Object.keys(rotation).length === 0 && Object.keys(rows).length === 0;
};

/** For how long the database's last answer that this worker holds its rotation is good. */
class Trust {
  #age = () => Number.POSITIVE_INFINITY;

  /** Asks the database something that it answers only to whoever holds the rotation. */
  async earn<T>(ask: () => Promise<T>): Promise<T> {
    const age = stopwatch();
    const answer = await ask();
    this.#age = age;
    return answer;
  }

  get isOver(): boolean {
    return this.#age() > TRUST_MS;
  }
}

/**
 * One worker's turn at a rotation: what it knows of it, and what it has decided and not stored yet. Decisions that
 * follow each other without an outside effect between them are stored in one commit.
 */
class Turn {
  readonly #claim: Claim;
  readonly #onCommit: () => void;
  readonly #clock: DatabaseClock;
  readonly #trust = new Trust();
  readonly #loaded: LoadedRotation;
  #situation: Situation;
  /** The phase the rotation has in the database. */
  #storedPhase: string;
  #unsaved: Commit[] = [];

  constructor(held: Claim, loaded: LoadedRotation, onCommit: () => void) {
    this.#claim = held;
    this.#loaded = loaded;
    this.#onCommit = onCommit;
    this.#situation = loaded.situation;
    this.#clock = new DatabaseClock(loaded.situation.now);
    this.#storedPhase = loaded.situation.phase;
  }

  /** The situation at this moment. */
  look(): Situation {
    this.#situation = { ...this.#situation, now: this.#clock.now(), random: Math.random() };
    return this.#situation;
  }

  /** Takes commits over; they are stored with the next `save`. */
  take(...commits: readonly Commit[]): void {
    for (const commit of commits) {
      if (!isEmpty(commit)) {
        this.#situation = apply(this.#situation, commit);
        this.#unsaved.push(commit);
      }
    }
  }

  /** Stores what was taken over. Throws `FenceLost` when this worker no longer holds the rotation. */
  async save(): Promise<Stored | null> {
    if (this.#unsaved.length === 0) {
      return null;
    }
    const commit = join(...this.#unsaved);
    const stored = await this.#trust.earn(() => commitStep(this.#claim, this.#storedPhase, commit));
    this.#clock.tell(stored.at);
    this.#unsaved = [];
    this.#storedPhase = this.#situation.phase;
    this.#onCommit();
    return stored;
  }

  /** Awaited before each effect: throws `FenceLost` when this worker was replaced. */
  async #ready(): Promise<void> {
    if (this.#trust.isOver) {
      await this.#trust.earn(() => requireFence(this.#claim));
    }
  }

  /**
   * Intent, effects, results: the intent is stored before the effects, and what follows from them is taken over. False:
   * the rotation does not go on now. Where somebody who is asked has limits, it first takes a turn there, or waits.
   */
  async act(bindingIds: readonly (string | null)[]): Promise<boolean> {
    const turns = await takeTurns(this.#asked(bindingIds));
    if (turns.waitSeconds > 0) {
      const next = new Date(this.#clock.now().getTime() + turns.waitSeconds * 1000);
      this.take({ patch: { rotation: { next_attempt_at: next, lease_until: null } }, events: [] });
      return false;
    }
    try {
      return await this.#perform(bindingIds);
    } finally {
      await turns.giveBack();
    }
  }

  /** Who is asked: the issuer, or the bindings' targets; everyone in preflight. */
  #asked(bindingIds: readonly (string | null)[]) {
    const { issuer, bindings } = this.#loaded;
    if (this.#situation.phase === 'preflight') {
      return [issuer, ...bindings.map(({ target }) => target)];
    }
    const targets = bindings.filter(({ id }) => bindingIds.includes(id)).map(({ target }) => target);
    return bindingIds.includes(null) ? [issuer, ...targets] : targets;
  }

  async #perform(bindingIds: readonly (string | null)[]): Promise<boolean> {
    const { phase } = this.#situation;
    const withIntent = needsIntent(phase);
    const chosen = chooseValue({ ...this.#loaded, situation: this.#situation });
    if (chosen !== null) {
      this.take(chosen);
    }
    const steps = stepsToBegin(this.#situation, bindingIds);
    this.take(begin(this.#situation, steps, withIntent));
    if (withIntent && (await this.save())?.hold != null) {
      this.take(notAsked(this.look(), steps));
      return false;
    }
    const hands = { ready: () => this.#ready(), now: this.#clock.now };
    const loaded = { ...this.#loaded, situation: this.look() };
    const results = await Promise.all(steps.map((step) => perform(loaded, step, hands)));
    this.look();
    for (const [index, step] of steps.entries()) {
      const performed = results[index];
      if (performed !== undefined) {
        this.take(stepEnded(this.#situation, step, performed));
      }
    }
    const concluded = conclude(this.#situation, results);
    this.take(...concluded);
    // What an effect has changed outside is not kept in memory alone while something else is asked.
    const stored = withIntent ? await this.saveUnlessIntentFollows() : null;
    return stored?.hold == null && concluded.some(goesOn);
  }

  /** The next intent is stored at once as well; then one commit holds both. */
  async saveUnlessIntentFollows(): Promise<Stored | null> {
    const situation = this.#situation;
    const decision = situation.outcome === null && situation.hold === null ? decide(situation) : null;
    const followed = decision?.do === 'perform' && needsIntent(situation.phase);
    return followed ? null : this.save();
  }
}

/** Whether the rotation goes on at once, as it was decided. */
const goesOn = ({ patch }: Commit) => patch.rotation?.phase !== undefined;

/** Whether consumers may have no secret that works until the rotation has gone on. */
const isInGap = ({ gapStartedAt, gapEndedAt }: Situation) => gapStartedAt !== null && gapEndedAt === null;

async function run(turn: Turn, isOver: () => boolean): Promise<void> {
  for (;;) {
    const decision = decide(turn.look());
    if (decision.do === 'wait') {
      turn.take({ patch: { rotation: { next_attempt_at: decision.until, lease_until: null } }, events: [] });
      await turn.save();
      return;
    }
    if (decision.do === 'commit') {
      turn.take(decision.commit);
      if (!goesOn(decision.commit)) {
        await turn.save();
        return;
      }
      continue;
    }
    if (isOver() && !isInGap(turn.look())) {
      turn.take({ patch: { rotation: { lease_until: null } }, events: [] });
      await turn.save();
      return;
    }
    if (!(await turn.act(decision.bindingIds))) {
      await turn.save();
      return;
    }
  }
}

/**
 * Takes a rotation as far as it can go now: until it ends, waits, or is held. `onCommit` is called after every
 * commit. Returns at once when there is nothing to do or another worker has it. Once `isOver`, no step is begun that can wait:
 * what was done is stored, and another worker may go on at once. What stands in a gap is taken on.
 */
export async function advance(rotationId: string, onCommit: () => void, isOver = () => false): Promise<void> {
  const held = await claim(rotationId);
  if (held === null) {
    return;
  }
  try {
    await run(new Turn(held, openRotation(held.stored), onCommit), isOver);
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
