import { reaches } from '#core/outside/levels.ts';
import type { Commit } from '#core/rotation/commit-step.ts';
import type { Performed } from '#core/rotation/decide.ts';
import type { Hold } from '#core/rotation/holds.ts';
import { isRedeployed } from '#core/rotation/pending.ts';
import {
  incoming,
  outgoing,
  type Situation,
  type Step,
  stepsHere,
  type VersionFact,
} from '#core/rotation/situation.ts';
import type { Phase } from '#core/rotation/strategies.ts';
import { allReport } from '#core/rotation/usage.ts';
import { nextId } from '#tests/core/rotation/model/setup.ts';
import { NoSlot, type Secret, type World } from '#tests/core/rotation/model/world.ts';

/*
 * The effects of core/rotation/perform/, done to the model. They follow the real ones call by call; what the real ones
 * read from connectors is read from the world here.
 */

export type Effect = (world: World, situation: Situation, step: Step, isSlow: boolean) => Performed;

const LEAST_GRACE_SECONDS = 60;
const PATIENCE_SECONDS = 600;

const done = ({ bindingId }: Step, patch: Commit['patch'] = {}): Performed => ({
  bindingId,
  ended: 'done',
  commit: { patch, events: [] },
});

const never = ({ bindingId }: Step, hold: Hold, message: string): Performed => ({
  bindingId,
  ended: 'failed',
  failure: { message, retry: 'never', hold, ofIssuer: bindingId === null },
});

function required(version: VersionFact | null): VersionFact {
  if (version === null) {
    throw new Error('An effect needs a version that is not there.');
  }
  return version;
}

const at = (ms: number) => new Date(ms);

function removeTagged(world: World, { from, to, can }: Situation, tag: string): void {
  if (can.maxLive === 1 || !can.list) {
    return;
  }
  const known = [from?.externalId, to?.externalId];
  for (const { id } of world.live().filter((one) => one.tag === tag && !known.includes(one.id))) {
    world.revoke(id);
  }
}

const preflight: Effect = (world, situation, step) => {
  const { can, leftovers, supersedes, from } = situation;
  if (can.maxLive === 1 || !can.list) {
    return done(step);
  }
  const cleared = leftovers.map(({ externalId }) => externalId);
  const staying = world
    .live()
    .filter(({ id, tag }) => !cleared.includes(id) && (tag !== supersedes || id === from?.externalId));
  return staying.length >= can.maxLive ? never(step, 'slot_full', 'No slot is free.') : done(step);
};

const clear: Effect = (world, situation, step) => {
  const { leftovers, supersedes } = situation;
  for (const { externalId } of leftovers) {
    world.revoke(externalId ?? '');
  }
  if (supersedes !== null) {
    removeTagged(world, situation, supersedes);
  }
  const ended = { revoked_at: at(world.now), ends_at: at(world.now) };
  const versions = leftovers.map(({ id, state }) => ({
    id,
    ...(state === 'previous' ? { state: 'revoked' } : {}),
    ...ended,
  }));
  return done(step, { versions });
};

/** The secret of a lost answer, where its value is known or can be read. */
function findLost(world: World, { can, rotationId, from, direction }: Situation, chosen: string | null) {
  const tagged = can.list ? world.live().find(({ tag }) => tag === rotationId) : undefined;
  if (chosen !== null) {
    return can.maxLive > 1 ? tagged : undefined;
  }
  const held = tagged ?? (can.maxLive === 1 && !can.list ? world.live()[0] : undefined);
  const isOld = direction === 'forward' && held?.value === from?.sealed;
  return can.readBack && !isOld ? held : undefined;
}

function mint(world: World, situation: Situation, step: Step, previousEndsAt: number | null): Secret {
  const { steps, direction, rotationId } = situation;
  const known = incoming(situation);
  const value = known?.sealed ?? null;
  const wasLost = steps.some(
    (one) =>
      one.phase === 'issue' && one.direction === direction && one.seq !== step.seq && one.result !== 'failed',
  );
  const found = wasLost ? findLost(world, situation, value) : undefined;
  if (wasLost && found === undefined) {
    removeTagged(world, situation, rotationId);
  }
  return found ?? world.mint({ tag: rotationId, value, previousEndsAt });
}

/** The row of a version that the rotation makes. */
export function newRow({ from, leftovers }: Situation, value: string, externalId: string | null) {
  const n = Math.max(from?.n ?? 0, ...leftovers.map((version) => version.n)) + 1;
  const blank = { hint: null, expires_at: null };
  const print = `print of ${value}`;
  return {
    id: nextId(),
    n,
    state: 'pending',
    external_id: externalId,
    sealed: value,
    fingerprint: print,
    ...blank,
  };
}

const issue: Effect = (world, situation, step) => {
  const { strategy, direction, graceSeconds, can, from, to, gapStartedAt, gapEndedAt } = situation;
  const forward = direction === 'forward';
  const grace = Math.max(graceSeconds, LEAST_GRACE_SECONDS) * 1000;
  const wished = strategy === 'graced' && forward ? world.now + grace : null;
  const issued = mint(world, situation, step, wished);
  const known = incoming(situation);
  const row =
    known === null
      ? newRow(situation, issued.value, issued.id)
      : { id: known.id, external_id: issued.id, hint: null, expires_at: null, ends_at: null };
  const replaces = can.maxLive === 1 || strategy === 'graced';
  const oldEnds = replaces ? at(wished ?? world.now) : null;
  const out = forward ? from : to;
  const gapBegins = strategy === 'cut-over' && (gapStartedAt === null || gapEndedAt !== null);
  return done(step, {
    versions: [row, ...(oldEnds !== null && out !== null ? [{ id: out.id, ends_at: oldEnds }] : [])],
    rotation: {
      ...(forward ? { to_version: row.id } : {}),
      ...(gapBegins ? { gap_started_at: oldEnds, gap_ended_at: null } : {}),
    },
  });
};

const verify: Effect = (world, situation, step) =>
  world.accepts(required(incoming(situation)).sealed)
    ? done(step)
    : never(step, 'verify_rejected', 'The new secret is refused.');

function deliver(slot: 'primary' | 'next'): Effect {
  return (world, situation, step, isSlow) => {
    const version = required(incoming(situation));
    const target = world.target(step.bindingId);
    const row = { version_id: version.id, binding_id: step.bindingId, slot };
    const { direction, to } = situation;
    if (slot === 'next' && direction === 'back' && to !== null && target.primary !== to.sealed) {
      return done(step, { deliveries: [{ ...row, level: 'read_back' }] });
    }
    world.put(target, slot, version.sealed, isSlow);
    return done(step, { deliveries: [{ ...row, level: 'accepted' }] });
  };
}

const redeploy: Effect = (world, situation, step) => {
  const target = world.target(step.bindingId);
  if (step.ref === null && target.primary !== required(incoming(situation)).sealed) {
    return waitOn(world, situation, step);
  }
  if (step.ref === null) {
    return { bindingId: step.bindingId, ended: 'waiting', seconds: 2, ref: `run-${step.seq}` };
  }
  target.running = target.primary;
  return done(step);
};

function confirm(slot: 'primary' | 'next'): Effect {
  return (world, situation, step) => {
    const { bindingId } = step;
    const version = required(incoming(situation));
    const binding = situation.bindings.find(({ id }) => id === bindingId);
    const target = world.target(bindingId);
    const isLive = target[slot] === version.sealed;
    const isRun = slot === 'primary' && isLive && isRedeployed(situation, bindingId ?? '');
    const isUsed = (binding?.redeploys === true ? target.running : target.primary) === version.sealed;
    const read = isRun ? ('redeployed' as const) : ('read_back' as const);
    const top = slot === 'primary' && binding?.needs === 'adopted' && isUsed ? ('adopted' as const) : read;
    const level = isLive ? top : ('accepted' as const);
    const needs = slot === 'next' && binding?.needs !== 'accepted' ? 'read_back' : binding?.needs;
    if (!reaches(level, needs ?? 'read_back')) {
      return waitOn(world, situation, step);
    }
    const row = { version_id: version.id, binding_id: bindingId, slot, level };
    return done(step, { deliveries: [{ ...row, confirmed_at: at(world.now) }] });
  };
}

/** Asks again, for as long as patience lasts. */
export function waitOn(world: World, situation: Situation, step: Step): Performed {
  const waited = (world.now - situation.phaseAt.getTime()) / 1000;
  const isPatient = situation.phase !== 'redeploy' && !situation.phase.startsWith('confirm');
  return waited > PATIENCE_SECONDS && !isPatient && step.ref === null
    ? never(step, 'confirmation_pending', 'It is not there.')
    : {
        bindingId: step.bindingId,
        ended: 'waiting',
        seconds: 1,
        ...(step.ref === null ? {} : { ref: step.ref }),
      };
}

const revoke: Effect = (world, situation, step) => {
  const { direction, rotationId } = situation;
  const version = outgoing(situation);
  if (direction === 'back') {
    removeTagged(world, situation, rotationId);
  }
  if (version === null || (direction === 'back' && version.externalId === null)) {
    return done(step);
  }
  world.revoke(version.externalId ?? '');
  const old = direction === 'back' && situation.can.wayBack === 'old stays' ? incoming(situation) : null;
  const kept = old === null ? [] : [{ id: old.id, ends_at: null }];
  const state = version.state === 'discarded' ? {} : { state: 'revoked' };
  return done(step, {
    versions: [{ id: version.id, ...state, revoked_at: at(world.now), ends_at: at(world.now) }, ...kept],
  });
};

/** Whether a consumer at the binding's target uses the version. */
function uses(world: World, situation: Situation, id: string, version: VersionFact | null): boolean {
  const { primary, running } = world.target(id);
  const binding = situation.bindings.find((one) => one.id === id);
  return version !== null && (binding?.redeploys === true ? running : primary) === version.sealed;
}

const lookAtUse: Effect = (world, situation, step) => {
  const { bindings, from, to, can, newSeenAt } = situation;
  const ofIssuer = can.usageSignal && can.list;
  const usesOld = ({ id }: { id: string }) => uses(world, situation, id, from);
  const usesNew = ({ id }: { id: string }) => uses(world, situation, id, to);
  const isNew = allReport(situation)
    ? bindings.filter(({ required: must }) => must).every(usesNew)
    : ofIssuer && bindings.some(usesNew);
  const isStraggling = world.straggler === from?.sealed;
  const isOld =
    (ofIssuer && (isStraggling || bindings.some(usesOld))) ||
    bindings.some((one) => one.reports && usesOld(one));
  const rotation = {
    usage_looked_at: at(world.now),
    ...(isNew && newSeenAt === null ? { new_seen_at: at(world.now) } : {}),
    ...(isOld ? { old_seen_at: at(world.now) } : {}),
  };
  return {
    bindingId: step.bindingId,
    ended: 'waiting',
    seconds: 0,
    commit: { patch: { rotation }, events: [] },
  };
};

const prove: Effect = (world, situation, step) => {
  const version = outgoing(situation);
  if (version === null) {
    return done(step);
  }
  const { state, revokedAt, id } = version;
  const retired = {
    id,
    ...(state === 'discarded' || state === 'revoked' ? {} : { state: 'revoked' }),
    ...(revokedAt === null ? { revoked_at: at(world.now) } : {}),
  };
  const { failedSignIns } = situation.can;
  if (failedSignIns === 'none') {
    return done(step, { versions: [retired] });
  }
  const interrupted = stepsHere(situation).filter((one) => one.result === null).length - 1;
  if (interrupted >= failedSignIns) {
    return never(step, 'not_provable', 'It was tried too often.');
  }
  return world.accepts(version.sealed)
    ? never(step, 'not_provable', 'The old secret still works.')
    : done(step, { versions: [{ ...retired, proven_dead_at: at(world.now) }] });
};

const removeNext: Effect = (world, _situation, step) => {
  world.target(step.bindingId).next = null;
  return done(step);
};

const awaitSecret: Effect = (world, { from, gapStartedAt }, step) => {
  const { bindingId } = step;
  if (gapStartedAt !== null || from === null || world.accepts(from.sealed)) {
    return { bindingId, ended: 'waiting', seconds: gapStartedAt === null ? 5 : 3600 };
  }
  const commit = { patch: { rotation: { gap_started_at: at(world.now) } }, events: [] };
  return { bindingId, ended: 'waiting', seconds: 3600, commit };
};

const effects: Partial<Record<Phase, Effect>> = {
  preflight,
  clear,
  deliver_next: deliver('next'),
  confirm_next: confirm('next'),
  await_secret: awaitSecret,
  issue,
  verify,
  deliver: deliver('primary'),
  redeploy,
  confirm: confirm('primary'),
  overlap: lookAtUse,
  revoke,
  prove,
  remove_next: removeNext,
};

/** Does what the phase asks of the world. */
export const effectOf: Effect = (world, situation, step, isSlow) => {
  try {
    const effect = effects[situation.phase];
    if (effect === undefined) {
      throw new Error(`The phase ${situation.phase} has no effect in the model.`);
    }
    return effect(world, situation, step, isSlow);
  } catch (error) {
    if (error instanceof NoSlot) {
      return never(step, 'slot_full', 'No slot is free.');
    }
    throw error;
  }
};
