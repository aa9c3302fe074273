import type { Command } from '#cli/command.ts';
import { auditActor, system } from '#core/access/actor.ts';
import { type KeyRotation, rotateMasterKey } from '#core/vault/rotate-master-key.ts';
import { countByKey, type KeyUse } from '#core/vault/sealed-tables.ts';
import { db } from '#lib/db.ts';

const many = (values: number) => (values === 1 ? '1 value' : `${values} values`);

function linesOf(uses: readonly KeyUse[]): string[] {
  return uses.map(({ key, seals, known, values }) => {
    const what = seals ? ' (the first one: it seals)' : known ? '' : ' (NOT in REKEY_MASTER_KEYS)';
    return `  ${key}${what}: ${many(values)}`;
  });
}

/** The exit code of a look that finds something to do, as of `rekey apply --plan`. */
const DIFFERS = 2;

const isAnotherNeeded = (uses: readonly KeyUse[]) => uses.some((use) => !use.seals && use.values > 0);

/** What can be done with the keys that are not the first one. */
function adviceOn(uses: readonly KeyUse[]): string[] {
  return uses
    .filter(({ seals, known }) => !seals && known)
    .map(({ key, values }) =>
      values > 0
        ? `${key} still seals ${many(values)}: keep it in REKEY_MASTER_KEYS.`
        : `${key} seals nothing. If it is the new key, put it in front once every web and worker process has it. If it is the old one, take it out of REKEY_MASTER_KEYS once all of them run with the new order, and keep it with the backups that were made before.`,
    );
}

function report({ to, values, broken, uses }: KeyRotation): string {
  return [
    values === 0
      ? `Nothing had to be sealed anew with ${to}.`
      : `${many(values)} sealed anew with ${to}. Master keys and what they seal:`,
    ...linesOf(uses),
    ...broken,
    ...adviceOn(uses),
  ].join('\n');
}

/** Shows progress four times a second: on a terminal in one line, elsewhere not at all. */
function showProgress() {
  let shownAt = 0;
  return ({ table, done, of }: { table: string; done: number; of: number }) => {
    const now = performance.now();
    if (!process.stderr.isTTY || now - shownAt < 250) return;
    shownAt = now;
    process.stderr.write(`\r\x1b[K${done} of ${of} values, in ${table}`);
  };
}

/** Seals every stored secret with the first master key, or counts what another one seals. */
export const run: Command['run'] = async (_, values) => {
  if (values['dry-run'] === true) {
    const uses = await countByKey(db());
    console.log(['Master keys and what they seal:', ...linesOf(uses), ...adviceOn(uses)].join('\n'));
    const isNeeded = isAnotherNeeded(uses);
    console.log(
      isNeeded
        ? 'Nothing was changed. rekey keys rotate seals with the first key what another one seals.'
        : 'Nothing was changed, and there is nothing to do.',
    );
    process.exitCode = isNeeded ? DIFFERS : 0;
    return;
  }
  const found = await rotateMasterKey(db(), auditActor(system('command line')), showProgress());
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(report(found));
  process.exitCode = isAnotherNeeded(found.uses) ? 1 : 0;
};
