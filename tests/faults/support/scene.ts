import type { Direction } from '#core/rotation/strategies.ts';

/**
 * Where a worker can be hit: when it has taken the rotation, when a commit is stored and the worker does not know yet,
 * when the fence has been found good, when a call has arrived, and when it took effect and is not answered yet.
 */
export type Moment = 'claim' | 'commit' | 'fence' | 'before' | 'after';

export interface Fault {
  readonly direction: Direction;
  readonly phase: string;
  readonly moment: Moment;
  /** Of the moments of this kind in this phase, the first one that is hit. */
  readonly nth: number;
  readonly deed: 'kill' | 'freeze' | 'drop';
  /** How often it happens; once unless told. */
  readonly times?: number;
  /** How many workers take over at the same time; one unless told. */
  readonly successors?: number;
}

/** How far the rotation goes before a person turns it back, and what stops it there. */
export interface Turn {
  readonly phase: string;
  /**
   * `refused`: the outside turns calls away for now. `killed`: the worker dies right after a change outside. `frozen`:
   * it stands still there, holds its lease, and goes on when all is over.
   */
  readonly how: 'refused' | 'killed' | 'frozen';
  readonly nth: number;
}

/** One rotation, and what happens to it. */
export interface Scene {
  readonly credentialId: string;
  readonly fault?: Fault;
  readonly turn?: Turn;
  /** What the person does at the turn; rolls back unless told. */
  readonly turnBack?: (rotationId: string) => Promise<void>;
  /** How many workers begin at once; one unless told. */
  readonly workers?: number;
}
