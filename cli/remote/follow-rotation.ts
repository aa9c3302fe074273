import type { Api } from '#cli/remote/api.ts';
import { didFail, endOf, goesOn, holdLines, type Rotation, readRotation } from '#cli/remote/rotation.ts';
import { tell, waitFor } from '#cli/remote/waiting.ts';

type Say = (line: string) => void;

/** The steps, and the phase that it has come to, of which there may be none yet. */
const stepsOf = ({ steps, phase, direction }: Rotation): Rotation['steps'] => [
  ...steps,
  { phase, direction, bindingId: null, target: null, attempt: 0, counts: true, result: null, error: null },
];

/**
 * Says each phase that it has come to since the last call, once for each direction, and each failure once; but no failure from
 * before it was resumed.
 */
function sayPhases(say: Say): (state: Rotation) => void {
  const said = new Set<string>();
  const once = (line: string) => {
    if (!said.has(line)) say(line);
    said.add(line);
  };
  return (state) => {
    for (const step of stepsOf(state)) {
      const { phase, direction, target, error } = step;
      once(direction === 'forward' ? `  ${phase}` : `  back: ${phase}`);
      const at = target === null ? '' : ` at ${target}`;
      if (didFail(step) && step.counts) once(`    failed${at}: ${error ?? 'the audit log says more.'}`);
    }
  };
}

/** Says when a rotation is held, and when it goes on. */
function sayHolds(say: Say): (state: Rotation) => void {
  let last = '';
  return ({ hold, paused }) => {
    const now =
      hold !== null ? `held: ${holdLines(hold).join('\n    ')}` : paused !== null ? `paused: ${paused}` : '';
    if (now !== last) say(`  ${now === '' ? 'goes on' : now}`);
    last = now;
  };
}

interface Following {
  readonly api: Api;
  readonly first: Rotation;
  /** Where lines for a person go. */
  readonly say: Say;
  readonly seconds: number | undefined;
}

/** Follows a rotation until its new version is in use, or it cannot get there by itself. */
export async function followRotation(following: Following): Promise<{ state: Rotation; code: number }> {
  const { api, first, seconds } = following;
  const { state, end } = await waitFor({
    first,
    read: (signal) => readRotation(api, first.id, signal),
    show: sayPhases(following.say),
    endOf: (now) => endOf(api, now),
    goesOn,
    seconds,
  });
  tell(end, following.say);
  return { state, code: end.code };
}

/** Shows each change of a rotation until it has ended, also while it is held. */
export async function watchRotation(following: Following, show?: (state: Rotation) => void): Promise<number> {
  const { api, first, seconds } = following;
  const [phases, holds] = [sayPhases(following.say), sayHolds(following.say)];
  const { end } = await waitFor({
    first,
    read: (signal) => readRotation(api, first.id, signal),
    show:
      show ??
      ((now) => {
        phases(now);
        holds(now);
      }),
    endOf: (now) => (now.outcome === null ? null : endOf(api, now)),
    goesOn,
    seconds,
  });
  tell(end, following.say);
  return end.code;
}
