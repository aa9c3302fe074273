import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { textOf, type Values } from '#cli/command.ts';
import { isTyped } from '#cli/confirm.ts';
import type { Api } from '#cli/remote/api.ts';
import { readWhere } from '#cli/remote/where.ts';
import { table } from '#cli/table.ts';
import { Problem } from '#lib/problem.ts';

const POLL_MS = 1000;

const plan = z.looseObject({
  digest: z.string(),
  starting: z.number(),
  count: z.number().nullable(),
  members: z.array(
    z.looseObject({
      credentialId: z.string(),
      credential: z.string(),
      issuer: z.string(),
      environment: z.string(),
      strategy: z.string().nullable(),
      refusal: z.object({ sentence: z.string() }).nullable(),
    }),
  ),
});

const batch = z.looseObject({
  id: z.string(),
  state: z.enum(['running', 'stopped', 'completed']),
  stopWhy: z.string().nullable(),
  members: z.array(
    z.looseObject({
      credential: z.string(),
      standing: z.string(),
      hold: z.string().nullable(),
      why: z.string().nullable(),
      paused: z.string().nullable(),
    }),
  ),
});

type Plan = z.output<typeof plan>;
type Batch = z.output<typeof batch>;

/** The same as of one rotation: done, somebody has to act, or it went wrong. */
const exits = { done: 0, held: 2, undone: 3 } as const;

function show({ members, starting }: Plan): void {
  const lines = members.map(({ credential, environment, issuer, strategy, refusal }) => [
    credential,
    environment,
    issuer,
    refusal === null ? (strategy ?? '') : `left out: ${refusal.sentence}`,
  ]);
  console.log(table([['NAME', 'ENVIRONMENT', 'ISSUER', 'HOW'], ...lines]).join('\n'));
  console.log(`${starting} of ${members.length} would be rotated.`);
}

/** Prints each change of a credential's standing since the last call. */
function printStandings(): (state: Batch) => void {
  const printed = new Map<string, string>();
  return ({ members }) => {
    for (const { credential, standing, why } of members) {
      const line = [standing.replaceAll('_', ' '), why].filter((text) => text !== null).join(': ');
      if (standing !== 'waiting' && printed.get(credential) !== line) console.log(`  ${credential}: ${line}`);
      printed.set(credential, line);
    }
  };
}

/** Where waiting ends; null while something goes on by itself. */
function endOf({ state, stopWhy, members }: Batch): { say: string; code: number } | null {
  const goesOn = state === 'stopped' ? ['working'] : ['waiting', 'working'];
  if (members.some(({ standing, paused }) => goesOn.includes(standing) && paused === null)) return null;
  const having = (...standings: string[]) => members.filter(({ standing }) => standings.includes(standing));
  const failed = having('failed');
  const open = having('waiting', 'working', 'needs_people');
  const say = [
    `${having('completed', 'overlap').length} have their new version in use, ${failed.length} failed, ${open.length} wait for a person, ${having('skipped').length} were left out.`,
    stopWhy,
  ];
  const isUndone = failed.some(({ hold }) => hold === null);
  const isHeld = failed.length + open.length > 0 || state === 'stopped';
  return {
    say: say.filter((text) => text !== null).join(' '),
    code: isUndone ? exits.undone : isHeld ? exits.held : exits.done,
  };
}

async function follow(api: Api, id: string): Promise<number> {
  const print = printStandings();
  for (;;) {
    const state = batch.parse((await api.get(`/batches/${id}`)).body);
    print(state);
    const end = endOf(state);
    if (end !== null) {
      console.log(end.say);
      return end.code;
    }
    await wait(POLL_MS);
  }
}

/** Whether the list that was shown is to be rotated: `--yes`, or their number typed. */
function isWanted({ starting }: Plan, values: Values): Promise<boolean> | boolean {
  return values.yes === true || isTyped(String(starting), `Type ${starting} to rotate them: `);
}

/**
 * Rotates what a line fits as one batch, after it has shown which credentials those are; exactly that list is started, or none.
 */
export async function rotateWhere(api: Api, line: string, values: Values): Promise<void> {
  const reason = textOf(values, 'reason');
  if (reason === undefined) {
    throw new Problem(400, 'usage', 'Say why with --reason: the audit keeps it. Nothing was changed.');
  }
  const gracePeriod = textOf(values, 'grace');
  const where = await readWhere(api, line);
  const planned = plan.parse((await api.post('/batches/plan', { where, gracePeriod })).body);
  show(planned);
  if (planned.starting === 0) {
    throw new Problem(409, 'nothing_to_rotate', 'Nothing was started.');
  }
  if (!(await isWanted(planned, values))) {
    console.error('Nothing was started.');
    process.exitCode = 1;
    return;
  }
  const { digest, count, members } = planned;
  const wish = {
    credentialIds: members.map(({ credentialId }) => credentialId),
    digest,
    reason,
    gracePeriod,
  };
  const started = await api.post('/batches', { ...wish, ...(count === null ? {} : { count }) });
  const { id } = batch.parse(started.body);
  console.log(`Started: batch ${id}`);
  if (values.wait === true) process.exitCode = await follow(api, id);
}
