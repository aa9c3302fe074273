import { setTimeout as sleep } from 'node:timers/promises';
import { TRUST_MS } from '#core/rotation/commit-step.ts';
import type { Direction } from '#core/rotation/strategies.ts';
import { submitSecret } from '#core/rotation/submit-secret.ts';
import { actor, rollBack } from '#tests/faults/support/engine.ts';
import type { Harness } from '#tests/faults/support/harness.ts';
import type { Fate, Killer, OutsideCall } from '#tests/faults/support/outside.ts';
import { targetsAreServed } from '#tests/faults/support/prober.ts';
import type { Fault, Moment, Scene, Turn } from '#tests/faults/support/scene.ts';
import type { Question, Tap } from '#tests/faults/support/wire.ts';
import type { FaultyWorker } from '#tests/faults/support/workers.ts';

interface Place {
  phase: string;
  direction: Direction;
}

export interface Row extends Place {
  outcome: string | null;
  hold: string | null;
  hold_detail: string | null;
  leased: boolean;
  waiting: boolean;
}

const ROW = `
  select phase, direction, outcome, hold, hold_detail,
         coalesce(lease_until > rekey_now(), false) as leased, next_attempt_at > rekey_now() as waiting
    from rotations where id = $1`;

/** Far longer than a worker at work is silent. */
const SILENCE_MS = 4_000;

const momentOf: Record<Question, Moment> = { claim: 'claim', commit: 'commit', fence: 'fence' };
const keyOf = ({ direction, phase }: Place, moment: Moment) => `${direction} ${phase} ${moment}`;

/** How often a worker asked to have the rotation. */
export function claimsOf({ met }: Case): number {
  return [...met].filter(([key]) => key.endsWith(' claim')).flatMap(([, claims]) => claims).length;
}

/** One rotation under one fault: it hits the worker, lets others take over, moves the clock, and plays the person. */
export class Case implements Killer, Tap {
  /** What happened at each kind of moment, in order. */
  readonly met = new Map<string, OutsideCall[]>();
  readonly gaps: string[] = [];
  fired = 0;
  /** What was stored by a worker after it had been replaced. */
  lateCommit = false;
  readonly rotationId: string;
  readonly #harness: Harness;
  readonly #scene: Scene;
  readonly #fault: Fault | null;
  #turn: Turn | null = null;
  #turned = false;
  #pasted = false;
  #personActs = false;
  #isPasting = false;
  /** When anything last happened, by this process's clock. */
  #lastMet = performance.now();
  readonly #askedAt = new Map<Question, Place>();

  constructor(harness: Harness, rotationId: string, scene: Scene) {
    this.#harness = harness;
    this.rotationId = rotationId;
    this.#scene = scene;
    this.#fault = scene.fault ?? null;
  }

  /** Until it ends, is held, or is stuck. */
  async run(): Promise<void> {
    const { turn, workers = 1 } = this.#scene;
    await this.#harness.pool.wake(workers);
    if (turn !== undefined) {
      await this.#turnBack(turn);
    }
    await this.#drive(() => false);
    await this.#thaw();
  }

  /** Until the rotation has come to the turn; then a person turns it back. */
  async #turnBack(turn: Turn): Promise<void> {
    const { pool } = this.#harness;
    this.#turn = turn;
    await this.#drive(() => this.#turned);
    await Promise.all(pool.working.map((worker) => worker.rest()));
    this.#turn = null;
    if (turn.how !== 'frozen') {
      await this.#harness.passLease(this.rotationId);
    }
    this.#personActs = true;
    await (this.#scene.turnBack ?? rollBack)(this.rotationId);
    this.#personActs = false;
    await pool.wake(1);
  }

  row(): Promise<Row> {
    return this.#harness.one<Row>(ROW, [this.rotationId]);
  }

  // What the wire and the outside tell.

  async asked(question: Question): Promise<void> {
    if (question !== 'claim') {
      this.#askedAt.set(question, await this.#place());
    }
  }

  async answered(question: Question): Promise<void> {
    const place = this.#askedAt.get(question) ?? (await this.#place());
    await this.#meet(place, momentOf[question], { name: question, changes: false });
    // A worker asks for the fence when its last commit was answered late: so that it has to, where that is the point.
    if (question === 'commit' && (this.#fault === null || this.#fault.moment === 'fence')) {
      await sleep(TRUST_MS + 5);
    }
  }

  async before(call: OutsideCall): Promise<Fate> {
    const place = await this.#place();
    if (this.#isPersons(place)) {
      return 'go';
    }
    const fate = await this.#meet(place, 'before', call);
    return fate === 'go' && this.#turns(place, 'before', 'refused', call) ? 'refuse' : fate;
  }

  async after(call: OutsideCall): Promise<Fate> {
    const place = await this.#place();
    if (this.#isPersons(place)) {
      return 'go';
    }
    const fate = await this.#meet(place, 'after', call);
    if (fate === 'go' && this.#turns(place, 'after', 'killed', call)) {
      await this.#worker()?.kill();
      return 'drop';
    }
    if (fate === 'go' && this.#turns(place, 'after', 'frozen', call)) {
      await this.#worker()?.freeze();
    }
    return fate;
  }

  /** Whether a person asks, and not a worker: with a pasted secret only until it is stored, because a worker may go on before the person is told. */
  #isPersons({ phase }: Place): boolean {
    return this.#personActs || (this.#isPasting && phase === 'await_secret');
  }

  changed(): void {
    const failing = targetsAreServed(this.#harness.outside);
    if (failing !== null) {
      this.gaps.push(failing);
    }
  }

  // What the harness does about it.

  #place(): Promise<Place> {
    return this.#harness.one<Place>('select phase, direction from rotations where id = $1', [
      this.rotationId,
    ]);
  }

  #worker(): FaultyWorker | undefined {
    return this.#harness.pool.working[0];
  }

  #turns({ phase, direction }: Place, moment: Moment, how: Turn['how'], call: OutsideCall): boolean {
    const turn = this.#turn;
    if (turn === null || turn.how !== how || turn.phase !== phase || direction !== 'forward') {
      return false;
    }
    const count = this.met.get(keyOf({ phase, direction }, moment))?.length ?? 0;
    const hit = how === 'refused' ? count >= turn.nth : call.changes && count >= turn.nth && !this.#turned;
    this.#turned ||= hit;
    return hit;
  }

  async #meet(place: Place, moment: Moment, call: OutsideCall): Promise<Fate> {
    this.#lastMet = performance.now();
    const key = keyOf(place, moment);
    const met = [...(this.met.get(key) ?? []), call];
    this.met.set(key, met);
    const fault = this.#fault;
    if (fault === null || key !== keyOf(fault, fault.moment) || this.fired >= (fault.times ?? 1)) {
      return 'go';
    }
    const worker = this.#worker();
    const isReached = this.fired === 0 ? met.length === fault.nth : true;
    if (!isReached || worker === undefined) {
      return 'go';
    }
    this.fired += 1;
    switch (fault.deed) {
      case 'kill':
        await worker.kill();
        return 'drop';
      case 'freeze':
        await worker.freeze();
        return moment === 'before' ? 'drop' : 'go';
      case 'drop':
        return 'drop';
    }
  }

  async #drive(isEnough: () => boolean): Promise<void> {
    const { pool } = this.#harness;
    const end = Date.now() + this.#harness.patienceMs;
    while (Date.now() < end) {
      const row = await this.row();
      if (
        row.outcome !== null ||
        row.hold !== null ||
        (isEnough() && !(row.leased && pool.working.length > 0))
      ) {
        return;
      }
      await this.#step(row);
      await sleep(2);
    }
  }

  async #step(row: Row): Promise<void> {
    const { pool } = this.#harness;
    if (row.phase === 'await_secret' && this.#mayPaste(row)) {
      return this.#paste();
    }
    if (pool.working.length === 0) {
      if (!this.#turned || this.#turn === null) {
        await this.#harness.passLease(this.rotationId);
        this.changed();
        await pool.wake(this.#fault?.successors ?? 1);
      }
      return;
    }
    if (row.leased && performance.now() - this.#lastMet > SILENCE_MS) {
      // A worker that lost its way to the database leaves its lease behind, as a dead one does.
      this.#lastMet = performance.now();
      return this.#harness.passLease(this.rotationId);
    }
    if (row.waiting) {
      // A lease on a rotation that waits is nobody's: a call of a worker that was fenced off may be under way.
      await (row.leased ? this.#harness.passLease(this.rotationId) : this.#harness.passWait(this.rotationId));
      this.changed();
    }
  }

  #mayPaste(row: Row): boolean {
    const isSpared = this.#fault?.phase !== 'await_secret' || this.fired >= (this.#fault.times ?? 1);
    return !this.#pasted && isSpared && !row.leased && row.waiting;
  }

  async #paste(): Promise<void> {
    this.#pasted = true;
    this.#isPasting = true;
    const secret = this.#harness.outside.replaceByHand();
    await submitSecret(actor, { rotationId: this.rotationId, secret });
    this.#isPasting = false;
  }

  /** Those that were frozen go on, long after they were replaced: they must store nothing. */
  async #thaw(): Promise<void> {
    const { pool } = this.#harness;
    await Promise.all(pool.working.map((worker) => worker.rest()));
    const before = await this.#harness.stored(this.rotationId);
    await pool.calm();
    this.lateCommit = before !== (await this.#harness.stored(this.rotationId));
  }
}
