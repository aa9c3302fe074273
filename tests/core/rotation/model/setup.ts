import type { IssuerCan } from '#connectors/contract.ts';
import type { BindingFact, Situation, VersionFact } from '#core/rotation/situation.ts';
import { chooseStrategy } from '#core/rotation/strategies.ts';
import { World } from '#tests/core/rotation/model/world.ts';
import { situation } from '#tests/core/rotation/situations.ts';

/** What differs between the worlds that the properties are tried in. */
export interface Setup {
  can: IssuerCan;
  hasApi: boolean;
  bindings: readonly BindingFact[];
  graceSeconds: number;
  /** What the policy allows. */
  retryAttempts: number;
  retrySeconds: number;
  graceAfterUseSeconds: number | null;
  deliverySeconds: number;
  /** Somebody uses the first secret without being a target. */
  straggler: boolean;
  /** Somebody else's secret takes one of the issuer's slots. */
  foreign: boolean;
}

let made = 0;

/** Names as the database wants them. */
export function nextId(): string {
  made += 1;
  return `0d000000-0000-7000-8000-${made.toString(16).padStart(12, '0')}`;
}

/** The model keeps values in the open: `sealed` is the value itself. */
function firstVersion(world: World, can: IssuerCan): VersionFact {
  const secret = world.mint({
    tag: 'import',
    value: can.chosenValue ? 'the first value' : null,
    previousEndsAt: null,
  });
  return {
    id: nextId(),
    n: 1,
    fingerprint: `print of ${secret.value}`,
    state: 'current',
    externalId: secret.id,
    sealed: secret.value,
    createdAt: new Date(world.now),
    endsAt: null,
    revokedAt: null,
  };
}

/** A world at rest, and a rotation that was just requested in it. */
export function begin(setup: Setup): { world: World; start: Situation } {
  const { can, hasApi, bindings, graceSeconds, retryAttempts, retrySeconds } = setup;
  const { graceAfterUseSeconds, deliverySeconds } = setup;
  const world = new World({ maxLive: can.maxLive, graced: can.overlap === 'graced', list: can.list });
  const from = firstVersion(world, can);
  for (const { id } of bindings) {
    world.targets.set(id, { primary: from.sealed, next: null, running: from.sealed });
  }
  if (setup.foreign && can.maxLive > 1) {
    world.foreign.add(world.mint({ tag: 'somebody else', value: null, previousEndsAt: null }).id);
  }
  const now = new Date(world.now);
  const strategy = chooseStrategy(can, hasApi, bindings);
  world.straggler = setup.straggler ? from.sealed : null;
  const limits = { graceSeconds, graceAfterUseSeconds, deliverySeconds, retryAttempts, retrySeconds };
  const start = { strategy, can, bindings, ...limits, from, to: null, now, phaseAt: now };
  return { world, start: situation({ ...start, rotationId: nextId() }) };
}
