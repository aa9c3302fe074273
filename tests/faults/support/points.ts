import type { Direction } from '#core/rotation/strategies.ts';
import type { Case } from '#tests/faults/support/case.ts';
import type { Fault, Moment } from '#tests/faults/support/scene.ts';

/* Where workers are hit. Every point comes from the engine's own list of phases; none is written down here. */

interface PhaseFacts {
  /** Whether it asks the outside. */
  readonly asks: boolean;
  /** Whether it changes something outside, in every rotation that comes to it. */
  readonly changes: boolean;
  /** Whether its calls can come late and twice without harm, so that a worker may freeze after the fence was good. */
  readonly repeatable: boolean;
}

const silent = { asks: false, changes: false, repeatable: false };
const asking = { asks: true, changes: false, repeatable: false };
const delivering = { asks: true, changes: true, repeatable: true };
const sometimes = { asks: true, changes: false, repeatable: true };

/** What the suite knows of each phase. One that it does not know fails the suite. */
const knownPhases: Readonly<Record<string, PhaseFacts>> = {
  preflight: asking,
  clear: sometimes,
  // Late, it would put NEXT back after the rotation has taken it away.
  deliver_next: { asks: true, changes: true, repeatable: false },
  confirm_next: asking,
  await_secret: asking,
  issue: { asks: true, changes: true, repeatable: false },
  verify: asking,
  deliver: delivering,
  redeploy: sometimes,
  confirm: asking,
  promote: silent,
  overlap: asking,
  revoke: sometimes,
  prove: asking,
  remove_next: delivering,
};

export function factsOf(phase: string): PhaseFacts {
  const facts = knownPhases[phase];
  if (facts === undefined) {
    throw new Error(
      `The fault suite does not know the phase ${phase}. Say in points.ts what it asks the outside.`,
    );
  }
  return facts;
}

/** One way to hit a phase, at each of its moments of a kind. */
interface Way {
  readonly title: string;
  readonly moment: Moment;
  readonly deed: Fault['deed'];
  readonly when: (facts: PhaseFacts) => boolean;
  /** Only moments at which something outside has changed. */
  readonly changesOnly?: boolean;
  /** Only the first such moment. */
  readonly firstOnly?: boolean;
  readonly times?: number;
  readonly successors?: number;
}

const asksOutside = ({ asks }: PhaseFacts) => asks;

const ways: readonly Way[] = [
  { title: 'a worker killed after each commit', moment: 'commit', deed: 'kill', when: () => true },
  { title: 'a worker killed before each call', moment: 'before', deed: 'kill', when: asksOutside },
  {
    title: 'a worker killed after each call and before its answer',
    moment: 'after',
    deed: 'kill',
    when: asksOutside,
  },
  { title: 'each answer lost after its effect', moment: 'after', deed: 'drop', when: asksOutside },
  {
    title: 'a worker frozen past its lease after each commit, before what it intends',
    moment: 'commit',
    deed: 'freeze',
    when: () => true,
  },
  {
    title: 'a worker frozen past its lease after each change and before its answer',
    moment: 'after',
    deed: 'freeze',
    when: asksOutside,
    changesOnly: true,
  },
  {
    title: 'a worker frozen past its lease after the fence was found good',
    moment: 'fence',
    deed: 'freeze',
    when: (facts) => facts.repeatable,
  },
  {
    title: 'a worker killed, and its successor too',
    moment: 'after',
    deed: 'kill',
    when: asksOutside,
    firstOnly: true,
    times: 2,
  },
  {
    title: 'a worker killed, and three that take over at once',
    moment: 'after',
    deed: 'kill',
    when: asksOutside,
    firstOnly: true,
    successors: 3,
  },
];

/** One test: a way to hit one phase. */
export interface Point {
  readonly title: string;
  /** The faults it stands for, given what an unharmed rotation met. */
  faults(rehearsal: Case): Fault[];
}

function faultsOf(way: Way, direction: Direction, phase: string, rehearsal: Case): Fault[] {
  const met = rehearsal.met.get(`${direction} ${phase} ${way.moment}`) ?? [];
  const nths = met
    .map((call, index) => ({ call, nth: index + 1 }))
    .filter(({ call }) => !way.changesOnly || call.changes)
    .map(({ nth }) => nth);
  const { moment, deed, times, successors } = way;
  // Before its last change a frozen worker may have another call to make, for which the fence was found good already.
  const hit = way.deed === 'freeze' && way.changesOnly && !factsOf(phase).repeatable ? nths.slice(-1) : nths;
  return (way.firstOnly ? hit.slice(0, 1) : hit).map((nth) => ({
    direction,
    phase,
    moment,
    nth,
    deed,
    ...(times === undefined ? {} : { times }),
    ...(successors === undefined ? {} : { successors }),
  }));
}

/** Every point of a list of phases. Throws at a phase that the suite does not know. */
export function pointsOf(direction: Direction, phases: readonly string[]): Point[] {
  return phases.flatMap((phase) => {
    const facts = factsOf(phase);
    return ways
      .filter((way) => way.when(facts))
      .map((way) => ({
        title: `${direction}, ${phase}: ${way.title}`,
        faults: (rehearsal: Case) => faultsOf(way, direction, phase, rehearsal),
      }));
  });
}

/**
 * Phases that must change something outside in every rotation, and did not in this one. A phase that only asks may
 * have no commit of its own; its calls then belong to the phase that the database still names.
 */
export function silentPhases(direction: Direction, phases: readonly string[], rehearsal: Case): string[] {
  return phases.filter(
    (phase) => factsOf(phase).changes && !rehearsal.met.has(`${direction} ${phase} before`),
  );
}
