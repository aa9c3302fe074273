import type { Api } from '#cli/remote/api.ts';
import { didFail, explainedLines, holdLines, pageOf, type Rotation } from '#cli/remote/rotation.ts';
import { table } from '#cli/table.ts';

type Pair = readonly [string, string];

function stateOf({ outcome, hold, paused, phase, direction, awaitsWorker }: Rotation): string {
  if (outcome !== null) return outcome.replaceAll('_', ' ');
  const at = direction === 'forward' ? phase : `${phase}, on the way back`;
  if (hold !== null) return `held at ${at}: ${hold.reason}`;
  if (paused !== null) return `waits at ${at}: ${paused} is paused`;
  if (phase === 'await_secret') return `waits for a person: ${at}`;
  return `${awaitsWorker ? 'waits for a worker' : 'running'}: ${at}`;
}

/** `v1 → v2`, as far as there are versions. */
const versions = ({ fromVersion, toVersion }: Rotation) =>
  [fromVersion, toVersion]
    .filter((n) => n !== null)
    .map((n) => `v${n}`)
    .join(' → ');

type Step = Rotation['steps'][number];

/** The last step that counts at the issuer and at each binding of what it is at; a server of before names the targets alone. */
function lastSteps({ phase, direction, steps }: Rotation): Step[] {
  const here = steps.filter((step) => step.counts && step.phase === phase && step.direction === direction);
  return [...new Map(here.map((step) => [step.bindingId ?? step.target, step])).values()];
}

function failureOf({ attempt, target, error }: Step): string {
  const at = target === null ? '' : ` at ${target}`;
  return `attempt ${attempt}${at}: ${error ?? 'the audit log says more.'}`;
}

/** What of that failed the last time, and when it is tried again. */
function failurePairs(state: Rotation): Pair[] {
  const { outcome, hold, nextAttemptAt } = state;
  const failed = outcome === null ? lastSteps(state).filter(didFail) : [];
  const again = hold === null && nextAttemptAt !== null ? ` Tried again at ${nextAttemptAt}.` : '';
  return failed.map((step, n) => [
    n === 0 ? 'Failing' : '',
    `${failureOf(step)}${n === failed.length - 1 ? again : ''}`,
  ]);
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
