import { reaches } from '#core/outside/levels.ts';
import type { Commit } from '#core/rotation/commit-step.ts';
import { firstPhaseBack, isBindingPhase, pendingBindings } from '#core/rotation/pending.ts';
import { breakGlassRefusal, changedNothing } from '#core/rotation/refusal.ts';
import { incoming, type Situation, type VersionFact } from '#core/rotation/situation.ts';
import { chooseStrategy } from '#core/rotation/strategies.ts';
import { awaitsUse } from '#core/rotation/usage.ts';
import { newRow } from '#tests/core/rotation/model/effects.ts';
import type { Run } from '#tests/core/rotation/model/run.ts';
import { nextId } from '#tests/core/rotation/model/setup.ts';
import { situation } from '#tests/core/rotation/situations.ts';

/* What people do about a rotation, as the use cases store it; refused exactly when they are. */

const free = { hold: null, hold_detail: null };
const commit = (patch: Commit['patch']): Commit => ({ patch, events: [] });

function resume(run: Run): void {
  const { issuer } = run.stored;
  run.store(
    commit({
      rotation: { ...free, phase_at: run.now, next_attempt_at: run.now },
      ...(issuer.healthy ? {} : { issuer: { failures: 0, probe_at: run.now } }),
    }),
  );
}

/** What `commit` in roll-back-rotation.ts says. */
function rollBack(run: Run): void {
  const back = { direction: 'back', direction_at: run.now, phase_at: run.now, next_attempt_at: run.now };
  const phase = firstPhaseBack({ ...run.stored, now: run.now });
  run.store(commit({ rotation: { ...free, ...back, phase } }));
}

/** What was accepted and is not kept is delivered again. */
function retry(run: Run): void {
  const again = { confirm_next: 'deliver_next', redeploy: 'deliver', confirm: 'deliver' };
  const found = Object.entries(again).find(([from]) => from === run.stored.phase)?.[1];
  const rotation = { ...free, phase_at: run.now, next_attempt_at: run.now };
  const anew = found === undefined ? {} : { phase: found, direction_at: run.now };
  run.store(commit({ rotation: { ...rotation, ...anew } }));
}

/** Only the time of the next attempt moves, and only to be sooner. */
function tryNow(run: Run): void {
  if (run.nextAttemptAt !== null && run.nextAttemptAt > run.now) {
    run.nextAttemptAt = run.now;
  }
}

/** A person puts the value where it belongs, has it taken up, and vouches for it. */
function confirm(run: Run, nth: number): void {
  const { phase, direction, to } = run.stored;
  const pending = isBindingPhase(phase) ? pendingBindings(run.stored, phase) : [];
  const binding = pending[nth % Math.max(1, pending.length)];
  const version = incoming(run.stored);
  if (binding === undefined || version === null) {
    return;
  }
  const target = run.world.target(binding.id);
  const slot = phase.endsWith('_next') ? 'next' : 'primary';
  // On the way back NEXT is what a consumer lives on whose primary value is the old one still: it is left alone.
  const isLivedOn = slot === 'next' && direction === 'back' && target.primary !== to?.sealed;
  if (!isLivedOn) {
    run.world.put(target, slot, version.sealed, false);
  }
  if (slot === 'primary') {
    target.running = version.sealed;
  }
  const isRedeployed = phase === 'redeploy' && !reaches(binding.needs, 'redeployed');
  const level = isRedeployed ? 'redeployed' : binding.needs;
  const row = { version_id: version.id, binding_id: binding.id, slot, level, confirmed_at: run.now };
  run.store(
    commit({ deliveries: [row], rotation: { ...free, phase_at: run.now, next_attempt_at: run.now } }),
  );
}

function hasten(run: Run, breakGlass: boolean): void {
  run.glassBroken ||= breakGlass;
  const early = breakGlass && run.stored.phase !== 'overlap' ? { phase: 'promote' } : {};
  const seen = breakGlass ? {} : { usage_looked_at: run.now, old_seen_at: null };
  const rotation = { ...free, ...early, ...seen, overlap_ends_at: run.now, next_attempt_at: run.now };
  run.hastened = true;
  // An end that has passed becomes now.
  run.extended = true;
  run.store(commit({ rotation: { ...rotation, ...(breakGlass ? { grace_seconds: 0 } : {}) } }));
  run.extended = false;
}

function extend(run: Run, seconds: number): void {
  const until = new Date(run.world.now + seconds * 1000);
  const { overlapEndsAt } = run.stored;
  if (overlapEndsAt === null || until > overlapEndsAt) {
    const { stored } = run;
    const anew = { ...free, phase_at: run.now, old_seen_at: null };
    const next = awaitsUse(stored) ? run.now : until;
    run.extended = true;
    run.store(
      commit({
        rotation: {
          overlap_ends_at: until,
          next_attempt_at: next,
          ...(stored.hold === 'usage_seen' ? anew : {}),
        },
      }),
    );
    run.extended = false;
  }
}

/** The vendor's page replaces the secret; the person pastes it, or not yet. */
export function rotateOnVendorsPage(run: Run): void {
  if (run.stored.phase === 'await_secret' && run.world.accepts(run.stored.from?.sealed ?? '')) {
    run.world.mint({ tag: 'by hand', value: null, previousEndsAt: null });
    run.watch(null);
  }
}

export function paste(run: Run): void {
  const [live] = run.world.live();
  if (run.stored.phase !== 'await_secret' || live === undefined || live.value === run.stored.from?.sealed) {
    return;
  }
  const row = newRow(run.stored, live.value, null);
  const gap = { gap_started_at: run.stored.gapStartedAt ?? run.now };
  const rotation = { ...free, ...gap, phase: 'promote', to_version: row.id, next_attempt_at: run.now };
  run.store(commit({ versions: [row], rotation }));
}

/** What is left of the versions for the rotation that a breach starts. */
function inherited({ from, to, leftovers }: Situation): { current: VersionFact | null; left: VersionFact[] } {
  const discarded = to?.state === 'pending' ? { ...to, state: 'discarded' as const } : to;
  const all = [...leftovers, from, discarded].filter((one) => one !== null);
  const isLeft = ({ state, revokedAt, externalId }: VersionFact) =>
    revokedAt === null && externalId !== null && (state === 'previous' || state === 'discarded');
  return { current: all.find(({ state }) => state === 'current') ?? null, left: all.filter(isLeft) };
}

/** A secret is in the wrong hands: the open rotation ends, and another begins that leaves no overlap. */
function breach(run: Run): void {
  const { stored, setup } = run;
  const { current, left } = inherited(stored);
  run.breached = true;
  run.glassBroken = false;
  run.hastened = false;
  const { issuer, can, bindings, rotationId, phase, gapStartedAt, gapEndedAt } = stored;
  // What a rotation was to clear away and has not yet is left to the one that ends it.
  const hasCleared = phase !== 'preflight' && phase !== 'clear';
  const isUntouched = changedNothing(stored);
  const earlier = hasCleared && !isUntouched ? null : stored.supersedes;
  run.stored = situation({
    issuer,
    can,
    bindings,
    strategy: chooseStrategy(can, setup.hasApi, bindings),
    rotationId: nextId(),
    from: current,
    to: null,
    leftovers: left,
    supersedes: earlier ?? (isUntouched ? null : rotationId),
    gapStartedAt: gapEndedAt === null ? gapStartedAt : null,
    graceSeconds: 0,
    now: run.now,
    phaseAt: run.now,
  });
  run.log.push({ kind: 'breach', after: run.stored });
  run.nextAttemptAt = run.now;
}

export const deeds = [
  'roll_back',
  'cancel',
  'hold',
  'resume',
  'retry',
  'try_now',
  'confirm',
  'extend',
  'revoke_now',
  'break_glass',
  'breach',
  'vendor',
  'paste',
] as const;
export type Deed = (typeof deeds)[number];

/** Does what is asked, if it is allowed now. */
export function act(run: Run, deed: Deed, nth: number): void {
  // Nobody acts in the very moment in which a worker does.
  run.pass(1);
  const here = { ...run.stored, now: run.now };
  if (here.outcome !== null) {
    return;
  }
  if (deed === 'vendor') {
    rotateOnVendorsPage(run);
    return;
  }
  if (deed === 'cancel' && here.phase === 'await_secret' && !run.world.accepts(here.from?.sealed ?? null)) {
    // Whoever has just rotated on the vendor's page does not cancel, even where Rekey has not seen it yet.
    return;
  }
  const action =
    deed === 'break_glass' || deed === 'breach' ? null : deed === 'paste' ? 'submit_secret' : deed;
  const refused =
    deed === 'break_glass' ? breakGlassRefusal(here) : action && run.rules.refusal(action, here);
  if (refused !== null) {
    return;
  }
  run.tell(`${deed} ${nth} at ${here.direction} ${here.phase}`);
  const does: Record<Exclude<Deed, 'vendor'>, () => void> = {
    roll_back: () => rollBack(run),
    cancel: () => run.store(commit({ rotation: { ...free, outcome: 'cancelled' } })),
    hold: () => run.hold(),
    resume: () => resume(run),
    retry: () => retry(run),
    try_now: () => tryNow(run),
    confirm: () => confirm(run, nth),
    extend: () => extend(run, 600 * (nth + 1)),
    revoke_now: () => hasten(run, false),
    break_glass: () => hasten(run, true),
    breach: () => breach(run),
    paste: () => paste(run),
  };
  does[deed]();
}
