import { z } from 'zod';
import { textOf, type Values } from '#cli/command.ts';
import { isTyped } from '#cli/confirm.ts';
import { durationOf, secondsOf } from '#cli/duration.ts';
import type { Api } from '#cli/remote/api.ts';
import { type End, exits, tell, waitFor } from '#cli/remote/waiting.ts';
import { readWhere } from '#cli/remote/where.ts';
import { table } from '#cli/table.ts';
import { parseDuration, sayDuration } from '#lib/duration.ts';
import { Problem } from '#lib/problem.ts';

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
      gracePeriod: z.string().nullable(),
      graceAfterUse: z.string().nullable(),
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

type Say = (line: string) => void;

const spoken = (duration: string) => sayDuration(parseDuration(duration) ?? 0);

/** How long its old version is kept: `1 day`, `1 hour after use, at most 7 days`. */
function overlapOf({ gracePeriod, graceAfterUse }: Plan['members'][number]): string {
  if (gracePeriod === null || parseDuration(gracePeriod) === 0) return 'none';
  return graceAfterUse === null
    ? spoken(gracePeriod)
    : `${spoken(graceAfterUse)} after use, at most ${spoken(gracePeriod)}`;
}

function show({ members, starting }: Plan, say: Say): void {
  const lines = members.map((member) => {
    const { credential, environment, issuer, strategy, refusal } = member;
    const how =
      refusal === null ? [overlapOf(member), strategy ?? ''] : ['', `left out: ${refusal.sentence}`];
    return [credential, environment, issuer, ...how];
  });
  say(table([['NAME', 'ENVIRONMENT', 'ISSUER', 'OVERLAP', 'HOW'], ...lines]).join('\n'));
  say(`${starting} of ${members.length} would be rotated.`);
}

/** Says each change of a credential's standing since the last call. */
function sayStandings(say: Say): (state: Batch) => void {
  const printed = new Map<string, string>();
  return ({ members }) => {
    for (const { credential, standing, why } of members) {
      const line = [standing.replaceAll('_', ' '), why].filter((text) => text !== null).join(': ');
      if (standing !== 'waiting' && printed.get(credential) !== line) say(`  ${credential}: ${line}`);
      printed.set(credential, line);
    }
  };
}

const having = ({ members }: Batch, ...standings: string[]) =>
  members.filter(({ standing }) => standings.includes(standing));

/** How many have come how far; `others` says what those do that have not ended. */
function summary(batch: Batch, others: string): string {
  const count = (...standings: string[]) => having(batch, ...standings).length;
  const open = count('waiting', 'working', 'needs_people');
  return `${count('completed', 'overlap')} have their new version in use, ${count('failed')} failed, ${open} ${others}, ${count('skipped')} were left out.`;
}

/** Where waiting ends; null while something goes on by itself. */
function endOf(batch: Batch, page: string): End | null {
  const { state, stopWhy, members } = batch;
  const goesOn = state === 'stopped' ? ['working'] : ['waiting', 'working'];
  if (members.some(({ standing, paused }) => goesOn.includes(standing) && paused === null)) return null;
  const failed = having(batch, 'failed');
  const isUndone = failed.some(({ hold }) => hold === null);
  const isHeld =
    failed.length + having(batch, 'waiting', 'working', 'needs_people').length > 0 || state === 'stopped';
  const code = isUndone ? exits.undone : isHeld ? exits.held : exits.done;
  return {
    say: [
      summary(batch, 'wait for a person'),
      stopWhy ?? '',
      code === exits.done ? '' : `What each waits for, and what can be done: ${page}`,
    ],
    code,
  };
}

async function follow(api: Api, first: Batch, say: Say, seconds: number | undefined) {
  const page = api.page(`/batches/${first.id}`);
  const { state, end } = await waitFor({
    first,
    read: async (signal) => batch.parse((await api.get(`/batches/${first.id}`, { signal })).body),
    show: sayStandings(say),
    endOf: (batch) => endOf(batch, page),
    goesOn: (batch) => `${summary(batch, 'are not done yet')} The batch goes on. To look again: ${page}`,
    seconds,
  });
  tell(end, say);
  return { state, code: end.code };
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
  const gracePeriod = durationOf(values, 'grace');
  const seconds = secondsOf(values, 'timeout');
  const isJson = values.json === true;
  const say = isJson ? console.error : console.log;
  const where = await readWhere(api, line);
  const planned = plan.parse((await api.post('/batches/plan', { where, gracePeriod })).body);
  show(planned, say);
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
  const first = batch.parse(started.body);
  say(`Started: batch ${first.id}`);
  const { state, code } =
    values.wait === true ? await follow(api, first, say, seconds) : { state: first, code: exits.done };
  if (isJson) console.log(JSON.stringify(state, null, 2));
  process.exitCode = code;
}
