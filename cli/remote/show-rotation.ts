import type { Api } from '#cli/remote/api.ts';
import { explainedLines, holdLines, pageOf, type Rotation } from '#cli/remote/rotation.ts';
import { table } from '#cli/table.ts';

type Pair = readonly [string, string];

function stateOf({ outcome, hold, paused, phase, direction }: Rotation): string {
  if (outcome !== null) return outcome.replaceAll('_', ' ');
  const at = direction === 'forward' ? phase : `${phase}, on the way back`;
  if (hold !== null) return `held at ${at}: ${hold.reason}`;
  return paused === null ? `running: ${at}` : `waits at ${at}: ${paused} is paused`;
}

/** `v1 → v2`, as far as there are versions. */
const versions = ({ fromVersion, toVersion }: Rotation) =>
  [fromVersion, toVersion]
    .filter((n) => n !== null)
    .map((n) => `v${n}`)
    .join(' → ');

/** The last failure of what it is at, and when it is tried again. */
function failurePairs({ outcome, hold, phase, direction, steps, nextAttemptAt }: Rotation): Pair[] {
  const last = steps.findLast((step) => step.phase === phase && step.direction === direction);
  if (outcome !== null || last?.result !== 'failed') return [];
  const at = last.target === null ? '' : ` at ${last.target}`;
  const again = hold === null && nextAttemptAt !== null ? ` Tried again at ${nextAttemptAt}.` : '';
  return [['Failing', `attempt ${last.attempt}${at}: ${last.error ?? 'the audit log says more.'}${again}`]];
}

function targetPairs({ targets }: Rotation): Pair[] {
  return targets.map(({ name, required, needs, level, confirmedAt }, n) => {
    const has = level === null ? 'not delivered' : level.replaceAll('_', ' ');
    const how =
      confirmedAt === null ? `${has}, needs ${needs.replaceAll('_', ' ')}` : `${has} at ${confirmedAt}`;
    return [n === 0 ? 'Targets' : '', `${name} (${required ? 'required' : 'best effort'}): ${how}`];
  });
}

/** One rotation for a person: where it stands, what state things are in, and what can be done. */
export function showRotation(api: Api, state: Rotation): string[] {
  const { hold, overlap, task, phases, phase, outcome } = state;
  const asked = [`${state.createdAt} by ${state.requestedBy}`, state.reason, state.ticket];
  const pairs: Pair[] = [
    ['Rotation', state.id],
    ['Credential', `${state.credential} at ${state.issuer}`],
    ['How', [state.strategy, versions(state)].filter(Boolean).join(', ')],
    ['State', stateOf(state)],
    ...(hold === null ? [] : holdLines(hold)).map((line) => ['', line] as const),
    ['Standing', state.standing],
    ['Phases', phases.map((one) => (one === phase && outcome === null ? `[${one}]` : one)).join(' ')],
    ...failurePairs(state),
    ...(overlap.endsAt === null ? [] : [['Overlap', `until ${overlap.endsAt}`] as const]),
    ...targetPairs(state),
    ...(task === null ? [] : [['To do', task.link] as const]),
    ...(task?.steps ?? []).map((one, n) => ['', `${n + 1}. ${one}`] as const),
    ['Asked for', asked.filter((part) => part !== null && part !== '').join(', ')],
    ...(state.endedAt === null ? [] : [['Ended', state.endedAt] as const]),
    ['Page', pageOf(api, state)],
  ];
  const offered = explainedLines(state);
  return [...table(pairs), ...(offered.length === 0 ? [] : ['', ...offered])];
}
