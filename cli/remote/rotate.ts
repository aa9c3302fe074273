import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { type Command, textOf } from '#cli/command.ts';
import { Api } from '#cli/remote/api.ts';
import { findCredential } from '#cli/remote/credentials.ts';
import { rotateWhere } from '#cli/remote/rotate-where.ts';
import { readSettings } from '#cli/remote/settings.ts';
import { Problem } from '#lib/problem.ts';

const POLL_MS = 1000;

const rotation = z.looseObject({
  id: z.string(),
  credential: z.string(),
  strategy: z.string(),
  phase: z.string(),
  direction: z.string(),
  outcome: z.string().nullable(),
  hold: z.object({ sentence: z.string(), next: z.string(), detail: z.string().nullable() }).nullable(),
  paused: z.string().nullable(),
  overlap: z.object({ endsAt: z.string().nullable() }),
  task: z.object({ steps: z.array(z.string()) }).nullable(),
  steps: z.array(z.object({ phase: z.string(), direction: z.string() })),
});

type Rotation = z.output<typeof rotation>;

/** What the exit code says, for scripts. */
const exits = { done: 0, held: 2, undone: 3 } as const;

/** Where waiting ends: what to say, and the exit code. Null while it goes on by itself. */
function endOf(state: Rotation): { say: string; code: number } | null {
  const { outcome, hold, paused, phase, direction, overlap, task } = state;
  if (outcome === 'completed') return { say: 'Completed.', code: exits.done };
  if (outcome !== null) return { say: `It ended: ${outcome.replaceAll('_', ' ')}.`, code: exits.undone };
  if (hold !== null) {
    const say = [`Held: ${hold.sentence}`, hold.detail, hold.next].filter((text) => text !== null).join(' ');
    return { say, code: exits.held };
  }
  if (paused !== null) return { say: `Held by a pause: ${paused}`, code: exits.held };
  if (phase === 'await_secret') {
    const say = `It waits for a person: ${task?.steps.join(' ') ?? 'the new secret is pasted in the console.'}`;
    return { say, code: exits.held };
  }
  if (phase === 'overlap' && direction === 'forward') {
    const until = overlap.endsAt === null ? '' : ` until ${overlap.endsAt}`;
    return { say: `The new version is in use. The old one works${until}.`, code: exits.done };
  }
  return null;
}

/** Prints each phase that it has come to since the last call, once for each direction. */
function printPhases(): (state: Rotation) => void {
  const printed = new Set<string>();
  return ({ steps, phase, direction }) => {
    for (const one of [...steps, { phase, direction }]) {
      const line = one.direction === 'forward' ? one.phase : `back: ${one.phase}`;
      if (!printed.has(line)) console.log(`  ${line}`);
      printed.add(line);
    }
  };
}

async function follow(api: Api, first: Rotation): Promise<number> {
  const print = printPhases();
  let state = first;
  for (;;) {
    print(state);
    const end = endOf(state);
    if (end !== null) {
      console.log(end.say);
      return end.code;
    }
    await wait(POLL_MS);
    state = rotation.parse((await api.get(`/rotations/${first.id}`)).body);
  }
}

export const rotateCommand: Command = {
  words: ['rotate'],
  operands: 1,
  usage: `rekey rotate NAME [--grace P1D] [--reason R] [--wait]
      rotates the credential; with --wait it follows until the new version is in use. Exit codes with --wait:
      0 completed or in its overlap, 2 held or waiting for a person, 3 rolled back, cancelled or superseded; 1 is an error
  rekey rotate --where 'environment:staging label:edge' --reason R [--grace P1D] [--yes] [--wait]
      rotates all that fit as one batch, after it has shown which; also issuer:…, target:…, owner:… and words. Exit codes
      as above: 3 where one ended without its new version, 2 where one waits for a person`,
  options: {
    grace: { type: 'string' },
    reason: { type: 'string' },
    wait: { type: 'boolean' },
    where: { type: 'string' },
    yes: { type: 'boolean' },
  },
  run: async ([name], values) => {
    const line = textOf(values, 'where');
    if ((name === undefined) === (line === undefined)) {
      throw new Problem(400, 'usage', 'It takes the NAME of a credential, or --where for several.');
    }
    const api = new Api(readSettings());
    if (name === undefined) {
      await rotateWhere(api, line ?? '', values);
      return;
    }
    const wish = { gracePeriod: textOf(values, 'grace'), reason: textOf(values, 'reason') };
    const path = `/credentials/${await findCredential(api, name)}/rotations`;
    const { body, headers } = await api.post(path, wish);
    const state = rotation.parse(body);
    const existing = headers.get('rekey-existing') === 'true';
    console.log(`${existing ? 'Already under way' : 'Requested'}: rotation ${state.id}, ${state.strategy}`);
    if (values.wait === true) process.exitCode = await follow(api, state);
  },
};
