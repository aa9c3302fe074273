import type { AuditEvent } from '#core/audit/events.ts';
import { PROBE_SECONDS, UNHEALTHY_AFTER } from '#core/outside/called-unhealthy.ts';
import type { Commit } from '#core/rotation/commit-step.ts';
import type { Performed } from '#core/rotation/decide.ts';
import { describe } from '#core/rotation/describe.ts';
import type { Situation } from '#core/rotation/situation.ts';
import type { Phase } from '#core/rotation/strategies.ts';

/* What effects say of the issuer that they asked. Pure. */

const ofIssuer: ReadonlySet<Phase> = new Set(['preflight', 'clear', 'issue', 'verify', 'revoke', 'prove']);

/** Whether the phase cannot do without the issuer. */
export const asksIssuer = (phase: Phase): boolean => ofIssuer.has(phase);

/**
 * Whether rotations leave the issuer alone: it is unhealthy, and nobody gave it another chance. Whoever resumes a rotation
 * does, for as many failures as it takes to be called unhealthy; it stays unhealthy, and is probed, until it answers.
 */
export const isLeftAlone = ({ healthy, failures }: Situation['issuer']): boolean =>
  !healthy && failures >= UNHEALTHY_AFTER;

/** What the results say about the issuer's health: one failure more, or well again. */
export function healthOf(situation: Situation, results: readonly Performed[]): Commit {
  const { issuer, phase, now } = situation;
  const failed = results.some(
    (one) => one.ended === 'failed' && one.failure.ofIssuer === true && one.failure.retry !== 'never',
  );
  const about = { actor: describe(situation).actor, id: issuer.id, name: issuer.name };
  if (failed) {
    const failures = issuer.failures + 1;
    if (failures < UNHEALTHY_AFTER) {
      return { patch: { issuer: { failures } }, events: [] };
    }
    const event: AuditEvent = { action: 'issuer.marked_unhealthy', outcome: 'failure', ...about };
    const probe = { probe_at: new Date(now.getTime() + PROBE_SECONDS * 1000) };
    return { patch: { issuer: { failures, health: 'unhealthy', ...probe, event } }, events: [] };
  }
  const answered = asksIssuer(phase) && results.some((one) => one.ended !== 'failed');
  if (!answered || (issuer.failures === 0 && issuer.healthy)) {
    return { patch: {}, events: [] };
  }
  const event: AuditEvent = { action: 'issuer.recovered', ...about };
  return { patch: { issuer: { failures: 0, health: 'healthy', probe_at: null, event } }, events: [] };
}
