import { setTimeout } from 'node:timers/promises';
import { ConnectorError, type Limits } from '#connectors/contract.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';

/** Longer than any effect's calls together; a turn that nobody gives back ends then. */
const LEASE_SECONDS = 30;
/** How long a question that is no step of a rotation waits for its turn. */
const PATIENCE_MS = 3_000;

/**
 * Turns at one configured system whose connector declares limits. They are counted in the database, so that all workers
 * together keep to the limits. Questions asked while a turn is held share it.
 */
export class Turn {
  readonly #system: string;
  readonly #name: string;
  readonly #limits: Limits;
  #held: { id: string; users: number; calls: number } | null = null;
  #taking: Promise<void> | null = null;

  /** `system` is the same for all workers: `issuers` or `targets`, and the row's id. */
  constructor(system: string, name: string, limits: Limits) {
    this.#system = system;
    this.#name = name;
    this.#limits = limits;
  }

  /** Takes a turn now, for several questions. Answers 0 where it was taken, else the seconds after which to try again. */
  async take(): Promise<number> {
    const seconds = await this.#ask();
    if (this.#held !== null) this.#held.users += 1;
    return seconds;
  }

  /** Begins one question: in the turn that is held, else in one of its own, which it waits for a little. */
  async enter(): Promise<void> {
    while (this.#held === null) {
      this.#taking ??= this.#askPatiently().finally(() => {
        this.#taking = null;
      });
      await this.#taking;
    }
    this.#held.users += 1;
    this.#held.calls += 1;
  }

  /**
   * Ends one question, or the turn that was taken for several. The last one gives the turn back. Never throws: what was
   * answered outside must not be lost for it, and a turn that is not given back ends by itself.
   */
  async leave(): Promise<void> {
    const held = this.#held;
    if (held === null) return;
    held.users -= 1;
    if (held.users > 0) return;
    this.#held = null;
    // A turn in which nothing was asked counts no call. Cut off, because the column would round up into the future.
    const sql = `update outside_turns set until = date_trunc('milliseconds', rekey_now()), calls = $2 where id = $1`;
    await db()
      .pool.query(sql, [held.id, held.calls])
      .catch(() => {});
  }

  async #ask(): Promise<number> {
    const id = newId();
    const { concurrency = null, perMinute = null } = this.#limits;
    const { rows } = await db().pool.query<{ seconds: number }>(
      'select take_turn($1, $2, $3, $4, $5) as seconds',
      [this.#system, id, concurrency, perMinute, LEASE_SECONDS],
    );
    const seconds = rows[0]?.seconds ?? 0;
    if (seconds === 0) this.#held = { id, users: 0, calls: 0 };
    return seconds;
  }

  async #askPatiently(): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    for (let seconds = await this.#ask(); seconds > 0; seconds = await this.#ask()) {
      if (performance.now() + seconds * 1000 > until) {
        const sentence = `${this.#name} is asked as often as its limits allow: nothing was asked. It can be tried again in ${Math.ceil(seconds)} s.`;
        throw new ConnectorError(sentence, 'later', { retryAfterSeconds: Math.ceil(seconds) });
      }
      await setTimeout(seconds * 1000);
    }
  }
}

/** Takes a turn at everyone who has limits, or none at all: then `waitSeconds` says when to try again. */
export async function takeTurns(
  systems: readonly { readonly turn: Turn | null }[],
): Promise<{ waitSeconds: number; giveBack(): Promise<void> }> {
  const taken: Turn[] = [];
  const giveBack = async () => {
    await Promise.all(taken.map((turn) => turn.leave()));
  };
  for (const turn of new Set(systems.map((one) => one.turn))) {
    if (turn === null) continue;
    let waitSeconds: number;
    try {
      waitSeconds = await turn.take();
    } catch (error) {
      await giveBack();
      throw error;
    }
    if (waitSeconds > 0) {
      await giveBack();
      return { waitSeconds, giveBack: async () => {} };
    }
    taken.push(turn);
  }
  return { waitSeconds: 0, giveBack };
}
