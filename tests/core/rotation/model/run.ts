import { apply } from '#core/rotation/apply.ts';
import type { Commit } from '#core/rotation/commit-step.ts';
import { conclude, decide } from '#core/rotation/decide.ts';
import { refusal } from '#core/rotation/refusal.ts';
import type { Situation, Step } from '#core/rotation/situation.ts';
import { begin as beginWorld, type Setup } from '#tests/core/rotation/model/setup.ts';
import { Crash, Turn } from '#tests/core/rotation/model/turn.ts';
import type { World } from '#tests/core/rotation/model/world.ts';

/** How the world meets one effect. */
export const lucks = [
  'fine',
  /** It fails and has changed nothing: for now, or for good. */
  'later',
  'never',
  /** It fails for good, and was done all the same. */
  'kept',
  /** Nobody knows whether it was done: it was, or it was not. */
  'lost',
  'unsent',
  /** The worker dies with its memory: before the effect, or right after it. */
  'crash before',
  'crash after',
  'not yet',
  /** A target takes what it was given only after it has said so. */
  'slow',
  /** A person holds the rotation while the effect is under way. */
  'held',
] as const;
export type Luck = (typeof lucks)[number];

/** The rules that are put to the test. */
export interface Rules {
  decide: typeof decide;
  conclude: typeof conclude;
  apply: typeof apply;
  refusal: typeof refusal;
}
export const theRules: Rules = { decide, conclude, apply, refusal };

/** Something that was stored, and the situation after it. */
export type Stored = { after: Situation } & (
  | { kind: 'commit'; phase: string; commit: Commit }
  | { kind: 'hold' }
  /** Another rotation has taken the place of this one. */
  | { kind: 'breach' }
);

/**
 * A rotation in a model world: `stored` is what the database has of it. It is moved on by workers and by people, and
 * `watch` is called after everything that happens.
 */
export class Run {
  readonly world: World;
  readonly setup: Setup;
  readonly rules: Rules;
  readonly start: Situation;
  stored: Situation;
  nextAttemptAt: Date | null;
  /** Everything that was stored, in its order. */
  readonly log: Stored[] = [];
  /** What has happened, told when a promise is broken. */
  readonly story: string[] = [];
  glassBroken = false;
  breached = false;
  /** A person has ended the overlap, so that uses of the old secret count no more. */
  hastened = false;
  /** A person is just extending the overlap. */
  extended = false;
  watch: (before: Situation | null) => void = () => {};
  beforeEffect: (situation: Situation, step: Step) => void = () => {};

  constructor(setup: Setup, rules: Rules = theRules) {
    const { world, start } = beginWorld(setup);
    this.world = world;
    this.setup = setup;
    this.rules = rules;
    this.start = start;
    this.stored = start;
    this.nextAttemptAt = start.now;
  }

  get now(): Date {
    return new Date(this.world.now);
  }

  tell(what: string): void {
    this.story.push(what);
  }

  pass(seconds: number): void {
    this.world.pass(seconds);
    this.watch(null);
  }

  /** What `commit_step` does. */
  store(commit: Commit): void {
    const before = this.stored;
    this.stored = this.rules.apply({ ...before, now: this.now }, commit);
    this.log.push({ kind: 'commit', phase: before.phase, commit, after: this.stored });
    const next = commit.patch.rotation?.next_attempt_at;
    if (next instanceof Date) {
      this.nextAttemptAt = next;
    }
    this.watch(before);
  }

  /** A person's hold needs no fence. */
  hold(): void {
    if (this.stored.hold === null && this.stored.outcome === null) {
      this.stored = { ...this.stored, hold: 'manual_hold' };
      this.log.push({ kind: 'hold', after: this.stored });
    }
  }

  get isDue(): boolean {
    const { outcome, hold } = this.stored;
    return outcome === null && hold === null;
  }

  /** One turn of a worker, when the time for it has come. */
  turn(lucks: readonly Luck[]): void {
    if (!this.isDue) {
      return;
    }
    const wait = ((this.nextAttemptAt ?? this.now).getTime() - this.world.now) / 1000;
    this.pass(Math.max(0, wait));
    this.tell(`turn at ${this.stored.direction} ${this.stored.phase} with [${lucks.join(', ')}]`);
    try {
      new Turn(this, lucks).run();
    } catch (error) {
      if (!(error instanceof Crash)) {
        throw error;
      }
      // The lease of the dead worker has to run out.
      this.pass(31);
    }
    this.tell(`  stands at ${this.stored.direction} ${this.stored.phase}, hold ${this.stored.hold}`);
  }
}
