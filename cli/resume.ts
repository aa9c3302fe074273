import { type Command, textOf } from '#cli/command.ts';
import { table } from '#cli/table.ts';
import { system } from '#core/access/actor.ts';
import { compareRestored } from '#core/backup/compare-restored.ts';
import { isAtRest } from '#core/backup/is-at-rest.ts';
import type { ListItem } from '#core/backup/list-item.ts';
import { readRestoration } from '#core/backup/read-restoration.ts';
import { resumeRestored } from '#core/backup/resume-restored.ts';
import { Problem } from '#lib/problem.ts';

const actor = system('command line');

const words = { same: 'as stored', imported: 'newer, imported', unproven: 'STAYS PAUSED' };

function linesOf(list: readonly ListItem[]): string[] {
  return list.flatMap(({ credential, issuer, outcome, sentence, targets }) => [
    `${credential} (at ${issuer}): ${words[outcome]}. ${sentence}`,
    ...table(targets.map(({ target, holds }) => [target, holds])).map((line) => `  ${line}`),
  ]);
}

const notSeen = [
  'Stop the installation that this one was made from, if it still runs: both would rotate the same secrets.',
  'What was revoked after the backup is back: look at users, roles and API clients before anybody signs in.',
];

function showProgress(done: number, of: number): void {
  if (process.stderr.isTTY) process.stderr.write(done < of ? `\r\x1b[K${done} of ${of}` : '\r\x1b[K');
}

async function compare(asJson: boolean): Promise<void> {
  const { detail, list } = await compareRestored(actor, { onProgress: showProgress });
  if (asJson) {
    console.log(JSON.stringify({ detail, list }, null, 2));
    return;
  }
  const next =
    'Everything is still paused. Once an admin has read this: rekey resume --after-restore --yes --admin E-MAIL';
  console.log([detail, '', ...linesOf(list), '', ...notSeen, next].join('\n'));
}

/** Lets everything go on by the list that was made last. */
async function resume(admin: string | undefined): Promise<void> {
  if (admin === undefined) {
    throw new Problem(400, 'usage', 'Say with --admin which admin has read the list. Nothing was changed.');
  }
  const open = await readRestoration(actor, {});
  if (open?.comparedAt == null) {
    const sentence = 'There is no list yet: run rekey resume --after-restore first. Nothing was changed.';
    throw new Problem(409, 'no_list', sentence);
  }
  await resumeRestored(actor, { comparedAt: open.comparedAt, readBy: admin });
  const paused = open.list
    .filter(({ outcome }) => outcome === 'unproven')
    .map(({ credential }) => credential);
  console.log(paused.length === 0 ? 'Everything goes on.' : `Everything goes on but ${paused.join(', ')}.`);
}

/** Compares a restored database with the outside, or lets everything go on. */
export const run: Command['run'] = async (_, values) => {
  if (values['after-restore'] !== true) {
    const sentence = 'It takes --after-restore. One rotation is resumed with: rekey rotations resume ID';
    throw new Problem(400, 'usage', sentence);
  }
  if (!(await isAtRest())) {
    const sentence = 'This database was not restored, or goes on already. Nothing was changed.';
    throw new Problem(409, 'not_restored', sentence);
  }
  await (values.yes === true ? resume(textOf(values, 'admin')) : compare(values.json === true));
};
