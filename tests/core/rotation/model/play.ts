import fc from 'fast-check';
import type { IssuerCan } from '#connectors/contract.ts';
import type { BindingFact } from '#core/rotation/situation.ts';
import { type Strategy, strategies } from '#core/rotation/strategies.ts';
import { act, type Deed, deeds, paste, rotateOnVendorsPage } from '#tests/core/rotation/model/people.ts';
import { atTheEnd, Broken, promises, watchOver } from '#tests/core/rotation/model/promises.ts';
import { type Luck, lucks, type Rules, Run } from '#tests/core/rotation/model/run.ts';
import type { Setup } from '#tests/core/rotation/model/setup.ts';
import { binding, canOf } from '#tests/core/rotation/situations.ts';

/* Sequences of what workers, people and the world do, and how one is played. */

export type Move =
  | { kind: 'turn'; lucks: readonly Luck[] }
  | { kind: 'pass'; seconds: number }
  | { kind: 'deed'; deed: Deed; nth: number };

export interface Game {
  setup: Setup;
  moves: readonly Move[];
}

const luck = fc.oneof(
  { weight: 2 * lucks.length, arbitrary: fc.constant<Luck>('fine') },
  { weight: lucks.length, arbitrary: fc.constantFrom(...lucks) },
);

const turn = fc.record({
  kind: fc.constant('turn' as const),
  lucks: fc.array(luck, { maxLength: 12, size: 'max' }),
});
const pass = fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(1, 61, 700, 4000) });
const deed = fc.record({
  kind: fc.constant('deed' as const),
  // What turns the rotation, and what keeps it going, more often than what ends the game.
  deed: fc.constantFrom<Deed>(
    ...deeds,
    'roll_back',
    'roll_back',
    'roll_back',
    'resume',
    'resume',
    'confirm',
    'paste',
  ),
  nth: fc.nat({ max: 2 }),
});

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: turn },
  { weight: 1, arbitrary: pass },
  { weight: 4, arbitrary: deed },
);

/** Like `arbitrary`, and true as often as `weight` says, against once that it is false. */
const mostly = (weight: number) =>
  fc.oneof({ weight, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });

const oneBinding = fc.record({
  required: mostly(3),
  canary: fc.boolean(),
  needs: fc.constantFrom(
    'accepted' as const,
    'read_back' as const,
    'redeployed' as const,
    'adopted' as const,
  ),
  readsNext: fc.boolean(),
  redeploys: fc.boolean(),
  reports: fc.boolean(),
});

type Drawn = typeof oneBinding extends fc.Arbitrary<infer T> ? T : never;

/** Where NEXT is used every required consumer reads it, and none of these has to be redeployed. */
function asBinding(drawn: Drawn, n: number, strategy: Strategy): BindingFact {
  const readsNext = strategy === 'prestage' ? drawn.required || drawn.readsNext : drawn.readsNext;
  const redeploys = drawn.redeploys && !readsNext;
  // What a target cannot prove is not asked of it.
  const needs = drawn.needs === 'redeployed' && !redeploys ? 'read_back' : drawn.needs;
  return binding(`b${n + 1}`, { ...drawn, readsNext, redeploys, needs });
}

const traits = fc.record({
  maxLive: fc.constantFrom(2, 10),
  chosenValue: fc.boolean(),
  readBack: fc.boolean(),
  list: fc.boolean(),
  usageSignal: fc.boolean(),
  failedSignIns: fc.constantFrom(1, 3, 10, 'none' as const),
});

type Traits = typeof traits extends fc.Arbitrary<infer T> ? T : never;

function asCan({ maxLive, chosenValue, list, ...rest }: Traits, strategy: Strategy): IssuerCan {
  if (strategy === 'assisted') {
    return canOf('assisted', { list: false });
  }
  // Without a list a chosen value that was set and not answered for can be set again, and not be taken back.
  const many = { maxLive, chosenValue: chosenValue && list };
  const single = { chosenValue: strategy === 'prestage' || chosenValue };
  return canOf(strategy, {
    ...rest,
    list,
    ...(strategy === 'overlap' || strategy === 'graced' ? many : single),
  });
}

const allStrategies = Object.keys(strategies) as Strategy[];

export const setups: fc.Arbitrary<Setup> = fc
  .record({
    strategy: fc.constantFrom(...allStrategies),
    traits,
    bindings: fc.array(oneBinding, { minLength: 1, maxLength: 3 }),
    graceSeconds: fc.constantFrom(0, 60, 3600),
    graceAfterUseSeconds: fc.constantFrom(null, 600),
    deliverySeconds: fc.constantFrom(0, 0, 0, 120),
    straggler: mostly(4).map((rest) => !rest),
    retryAttempts: fc.constantFrom(8, 8, 1),
    retrySeconds: fc.constantFrom(3600, 3600, 60),
    foreign: mostly(5).map((rest) => !rest),
  })
  .map(({ strategy, traits, bindings, ...rest }) => ({
    ...rest,
    hasApi: strategy !== 'assisted',
    can: asCan(traits, strategy),
    bindings: bindings.map((drawn, n) => asBinding(drawn, n, strategy)),
  }));

export const games: fc.Arbitrary<Game> = fc.record({
  setup: setups,
  // The first turn takes it somewhere.
  moves: fc
    .tuple(turn, fc.array(move, { maxLength: 9, size: 'max' }))
    .map(([first, rest]) => [first, ...rest]),
});

function make(run: Run, next: Move): void {
  if (next.kind === 'turn') {
    run.turn(next.lucks);
  } else if (next.kind === 'pass') {
    run.pass(next.seconds);
  } else {
    act(run, next.deed, next.nth);
  }
}

/** Plays the moves. Throws `Broken` where a promise is broken on the way. */
export function play({ setup, moves }: Game, rules?: Rules): Run {
  const run = new Run(setup, rules);
  watchOver(run);
  run.tell(`${run.stored.strategy}: ${JSON.stringify(setup)}`);
  for (const next of moves) {
    make(run, next);
  }
  return run;
}

/** So many turns a rotation may need that nothing disturbs any more. */
const BOUND = 40;

/** What a person mends outside, as the holds tell: secrets at the issuer that nobody knows. */
function mend({ world, stored }: Run): void {
  const { from, to, leftovers } = stored;
  const known = [from, to, ...leftovers].map((version) => version?.sealed);
  for (const { id, value } of world.live()) {
    if (world.foreign.has(id) || (!stored.can.list && stored.can.maxLive > 1 && !known.includes(value))) {
      world.revoke(id);
    }
  }
}

/** The issuer has ended the old secret in the middle of the way back to it: then a new rotation is the way out. */
const isOvertaken = ({ stored, world }: Run) =>
  stored.strategy === 'graced' &&
  stored.direction === 'back' &&
  stored.hold === 'verify_rejected' &&
  !world.accepts(stored.from?.sealed ?? null);

const stuck = (run: Run, how: string) =>
  new Broken('way out', `${promises['way out']}, but ${how}\n${run.story.join('\n')}`);

/** With a world in which everything succeeds, the rotation ends; a person resumes it once at the most. */
export function finish(run: Run): void {
  run.tell('— from here on all is well');
  mend(run);
  let resumes = 0;
  for (let turn = 0; turn < BOUND && run.stored.outcome === null; turn += 1) {
    if (isOvertaken(run)) {
      act(run, 'breach', 0);
      resumes = 0;
    }
    if (run.stored.hold !== null) {
      const { hold } = run.stored;
      // What resuming cannot help: a person decides about it.
      if (hold === 'usage_seen' || hold === 'headroom_too_small') {
        act(run, hold === 'usage_seen' ? 'revoke_now' : 'cancel', 0);
        continue;
      }
      resumes += 1;
      if (resumes > 1) {
        throw stuck(run, `it is held again with ${run.stored.hold}`);
      }
      act(run, 'resume', 0);
    }
    run.turn([]);
    rotateOnVendorsPage(run);
    paste(run);
  }
  if (run.stored.outcome === null) {
    throw stuck(run, `it still stands at ${run.stored.phase}`);
  }
}

/** A whole game, with every promise looked at. */
export function playToTheEnd(game: Game, rules?: Rules): Run {
  const run = play(game, rules);
  finish(run);
  atTheEnd(run);
  return run;
}
