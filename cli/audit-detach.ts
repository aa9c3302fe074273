import os from 'node:os';
import path from 'node:path';
import { type Command, textOf } from '#cli/command.ts';
import { auditActor, system } from '#core/access/actor.ts';
import {
  type DetachPlan,
  detachEvents,
  planDetachment,
  removeDetached,
} from '#core/evidence/detach-events.ts';
import { openDatabase } from '#lib/db.ts';
import { env } from '#lib/env.ts';
import { Problem } from '#lib/problem.ts';

const placesOf = ({ firstSeq, lastSeq }: DetachPlan) => `places ${firstSeq} to ${lastSeq}`;

const promise = (plan: DetachPlan) =>
  `${plan.lastSeq - plan.firstSeq + 1} events, ${placesOf(plan)} of the sealed order, would go to an archive. Their leaf hashes, roots and signatures stay.`;

/** The account and the machine, as the log tells who did it. */
const operator = () => `${os.userInfo().username}@${os.hostname()}`;

async function detach(
  owner: string,
  month: string,
  file: string | undefined,
  yes: boolean,
): Promise<string[]> {
  const database = openDatabase(owner, 4);
  try {
    // Of an earlier run that ended before its last delete.
    const left = yes ? await removeDetached(database) : 0;
    const said = left === 0 ? [] : [`${left} events were deleted that an earlier run had detached.`];
    const plan = await planDetachment(database, month);
    if (plan === null) return [...said, `No sealed event from before ${month} is left to detach.`];
    if (!yes || file === undefined) return [promise(plan), 'Nothing was changed. To do it: --out FILE --yes'];
    const actor = auditActor(system('command line'));
    const { archive } = await detachEvents(database, plan, { file, actor, by: operator() });
    const done = `Detached ${placesOf(plan)} to ${file}. It is the only copy of these events: keep it.`;
    return [...said, done, `SHA-256: ${archive}`];
  } finally {
    await database.close();
  }
}

/** Takes the events from before a month to an archive, or says what it would do. */
export const run: Command['run'] = async (_, values) => {
  const [month, out, yes] = [textOf(values, 'before'), textOf(values, 'out'), values.yes === true];
  if (month === undefined || (yes && out === undefined)) {
    throw new Problem(
      400,
      'usage',
      'It takes --before MONTH, and with --yes an --out FILE. Nothing was detached.',
    );
  }
  const { REKEY_MIGRATION_URL: owner } = env();
  if (owner === undefined) {
    const message =
      'REKEY_MIGRATION_URL is not set: detaching takes the owner of the database. Nothing was detached.';
    throw new Problem(400, 'usage', message);
  }
  const file = out === undefined ? undefined : path.resolve(out);
  console.log((await detach(owner, month, file, yes)).join('\n'));
};
