import { z } from 'zod';
import { issuerConnector } from '#connectors/registry.ts';
import { read } from '#core/access/use-case.ts';
import { standOfApprovals } from '#core/rotation/approvals.ts';
import { countingSteps } from '#core/rotation/counting-steps.ts';
import { actions, holds } from '#core/rotation/holds.ts';
import { loadRotation } from '#core/rotation/load-rotation.ts';
import { breakGlassRefusal, hasEnded, refusalNow } from '#core/rotation/refusal.ts';
import { readRow, targetsOf } from '#core/rotation/rotation-row.ts';
import { isAlone } from '#core/rotation/second-person.ts';
import { type Step, stepsHere } from '#core/rotation/situation.ts';
import { type Direction, type Phase, phasesOf, type Strategy } from '#core/rotation/strategies.ts';
import { systemsOf } from '#core/rotation/systems-of.ts';
import { notFound } from '#lib/problem.ts';

const seconds = (from: Date | null, to: Date | null) =>
  from === null || to === null ? null : Math.max(0, to.getTime() - from.getTime()) / 1000;

function holdOf(hold: string | null, detail: string | null) {
  if (hold === null) {
    return null;
  }
  const known = Object.entries(holds).find(([name]) => name === hold)?.[1];
  return { reason: hold, sentence: known?.sentence ?? hold, next: known?.next ?? '', detail };
}

interface Also {
  last: bigint | null;
  paused: 'everything' | 'issuer' | 'credential' | null;
  /** Due, and no worker has it. */
  untaken: boolean;
}

/**
 * One rotation as it stands now: its phases, its steps, what each target holds, and its gap. One that has ended is told as it
 * was: by its own rows, also once its bindings, its credential and its issuer are archived and what was sealed of them is erased.
 */
export const readRotation = read(
  {
    name: 'read-rotation',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ rotationId: z.uuid() }),
  },
  async ({ actor, db }, { rotationId }) => {
    const rotation = await readRow(db.prisma, rotationId);
    if (rotation === null) {
      throw notFound('rotation');
    }
    const { credential } = rotation;
    const strategy = rotation.strategy as Strategy;
    const phase = rotation.phase as Phase;
    const direction = rotation.direction as Direction;
    const situation = rotation.outcome === null ? (await loadRotation(rotationId)).situation : null;
    const steps = rotation.steps.map((step) => ({
      ...step,
      phase: step.phase as Phase,
      direction: step.direction as Direction,
      result: step.result as Step['result'],
    }));
    const connector = issuerConnector(credential.issuer.kind);
    const versionOf = (id: string | null) =>
      credential.versions.find((version) => version.id === id)?.n ?? null;
    const [{ last = null, paused = null, untaken = false } = {}] = await db.prisma.$queryRaw<Also[]>`
      select case when not goes_on_in_pause(r) then is_paused(r.credential_id) end as paused,
             coalesce(r.next_attempt_at <= rekey_now() and (r.lease_until is null or r.lease_until < rekey_now()), false)
               as untaken,
             (select max(id) from audit_events where rotation_id = r.id) as last
        from rotations r where r.id = ${rotationId}::uuid`;
    const here = { strategy, direction, phase, phaseAt: rotation.phaseAt, steps };
    const counting = countingSteps(here);
    const targets = targetsOf(rotation);
    const targetNames = new Map(targets.map(({ bindingId, name }) => [bindingId, name]));
    return {
      id: rotation.id,
      credentialId: credential.id,
      credential: credential.name,
      issuer: credential.issuer.name,
      strategy,
      phase,
      direction,
      phases: shownPhases(strategy, direction, rotation.steps, phase),
      /** The phases before it was turned back; none while it goes forward. */
      wayForward: direction === 'back' ? shownPhases(strategy, 'forward', rotation.steps, null) : [],
      /** Whether the new version was ever the current one. */
      wasPromoted: credential.versions.some(
        ({ id, promotedAt }) => id === rotation.toVersion && promotedAt !== null,
      ),
      /** What a person may do now, and why not what they may not. */
      actions: actions.map((action) => ({
        action,
        refusal: situation === null ? hasEnded : refusalNow(action, situation, paused !== null),
      })),
      mayBreakGlass: situation !== null && breakGlassRefusal(situation) === null,
      /** Nobody but the reader could confirm that the glass is broken. */
      breaksGlassAlone: await isAlone(actor, credential.id),
      breakGlass: glassOf(rotation.glassBreaks[0]),
      outcome: rotation.outcome,
      hold: holdOf(rotation.hold, rotation.holdDetail),
      /** How far its approvals have come; null where it waits for none. */
      approval:
        rotation.outcome === null && rotation.hold === 'approval_pending'
          ? await standOfApprovals(db, actor, rotation)
          : null,
      /** What is paused, so that this waits; null where it goes on all the same. */
      paused: rotation.outcome === null ? paused : null,
      /** It could begin its present phase, or begin it anew, and no worker has taken it up. */
      awaitsWorker:
        rotation.outcome === null &&
        rotation.hold === null &&
        paused === null &&
        untaken &&
        stepsHere(here).length === 0,
      reason: rotation.reason,
      ticket: rotation.ticket,
      requestedBy: z.object({ name: z.string() }).parse(rotation.requestedBy).name,
      fromVersion: versionOf(rotation.fromVersion),
      toVersion: versionOf(rotation.toVersion),
      /** The secret that goes out was tried afterwards, and refused. An issuer that locks at once is never asked. */
      provenDead: credential.versions.some(
        ({ id, provenDeadAt }) =>
          provenDeadAt !== null &&
          id === (direction === 'forward' ? rotation.fromVersion : rotation.toVersion),
      ),
      graceSeconds: rotation.graceSeconds,
      graceAfterUseSeconds: rotation.graceAfterUseSeconds,
      /** When the new version was first seen in use; null where nobody looked, or saw it. */
      newSeenAt: rotation.newSeenAt?.toISOString() ?? null,
      overlapEndsAt: rotation.overlapEndsAt?.toISOString() ?? null,
      predictedGapSeconds: rotation.predictedGapSeconds,
      gapStartedAt: rotation.gapStartedAt?.toISOString() ?? null,
      gapSeconds: seconds(rotation.gapStartedAt, rotation.gapEndedAt),
      createdAt: rotation.createdAt.toISOString(),
      endedAt: rotation.endedAt?.toISOString() ?? null,
      nextAttemptAt: rotation.nextAttemptAt?.toISOString() ?? null,
      targets,
      systems: systemsOf(credential.issuer, credential.bindings),
      steps: rotation.steps.map((step) => ({
        seq: step.seq,
        phase: step.phase as Phase,
        direction: step.direction as Direction,
        bindingId: step.bindingId,
        target: targetNames.get(step.bindingId ?? '') ?? null,
        attempt: step.attempt,
        /** False for one from before the rotation was resumed, or begun anew. */
        counts: counting.has(step.seq),
        result: step.result,
        error: step.error,
        seconds: secondsOf(step),
      })),
      task: phase === 'await_secret' && connector.task ? taskOf(connector, credential) : null,
      /** Grows with every change: the id of the last audit event. */
      lastEventId: String(last ?? 0),
    };
  },
);

/** The last time that somebody asked to break the glass, and what came of it. */
function glassOf(
  row:
    | {
        id: string;
        state: string;
        requestedBy: unknown;
        reason: string;
        until: Date;
        decidedBy: string | null;
        refusedBecause: string | null;
        conclusion: string | null;
        reviewedBy: string | null;
      }
    | undefined,
) {
  return row === undefined
    ? null
    : {
        askId: row.id,
        state: row.state,
        requestedBy: z.object({ name: z.string() }).parse(row.requestedBy).name,
        reason: row.reason,
        until: row.until.toISOString(),
        decidedBy: row.decidedBy,
        refusedBecause: row.refusedBecause,
        conclusion: row.conclusion,
        reviewedBy: row.reviewedBy,
      };
}

/** How long a step took; null where it was stored once, with its answer, because then nobody measured it. */
function secondsOf({ intentAt, endedAt }: { intentAt: Date; endedAt: Date | null }): number | null {
  return endedAt?.getTime() === intentAt.getTime() ? null : seconds(intentAt, endedAt);
}

/** The phases of the rotation; those that only some rotations need are shown once they had something to do. */
function shownPhases(
  strategy: Strategy,
  direction: Direction,
  steps: readonly { phase: string; direction: string }[],
  present: Phase | null,
): Phase[] {
  const rare: readonly Phase[] = ['clear', 'redeploy'];
  const had = (phase: Phase) =>
    phase === present || steps.some((step) => step.phase === phase && step.direction === direction);
  return phasesOf(strategy, direction).filter((phase) => !rare.includes(phase) || had(phase));
}

function taskOf(
  connector: ReturnType<typeof issuerConnector>,
  credential: { place: unknown; issuer: { config: unknown } },
): { link: string; steps: string[] } | null {
  // Only the parts that are not sealed are needed to tell a person where to go.
  const config = connector.config.partial().parse(credential.issuer.config);
  const place = connector.place.partial().parse(credential.place);
  return connector.task?.(config, place) ?? null;
}

export type RotationView = Awaited<ReturnType<typeof readRotation>>;
