import { type Command, textOf } from '#cli/command.ts';
import { auditActor, system } from '#core/access/actor.ts';
import { markRestored } from '#core/backup/mark-restored.ts';
import { restoreBackup } from '#core/backup/restore-backup.ts';
import { db } from '#lib/db.ts';
import { env } from '#lib/env.ts';
import { Problem } from '#lib/problem.ts';

const next =
  'Nothing runs on this database. Compare it with issuers and targets next: rekey resume --after-restore';

async function restore(file: string): Promise<void> {
  const ownerUrl = env().REKEY_MIGRATION_URL;
  if (ownerUrl === undefined) {
    const sentence = 'REKEY_MIGRATION_URL is not set: restoring takes the owner’s role. Nothing was changed.';
    throw new Problem(400, 'no_owner', sentence);
  }
  const actor = auditActor(system('command line'));
  const { id, madeAt, version, tables } = await restoreBackup(file, { ownerUrl, app: db(), actor });
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  console.log(`Restored the backup ${id}, made ${madeAt} by Rekey ${version}: ${rows} rows.`);
  console.log(next);
}

/** Fills an empty database from a backup, or marks this one as restored. */
export const run: Command['run'] = async ([file], values) => {
  const why = textOf(values, 'mark');
  if ((file === undefined) === (why === undefined)) {
    throw new Problem(400, 'usage', 'It takes a FILE, or --mark WHY. See docs/operations.md.');
  }
  if (file !== undefined) await restore(file);
  if (why !== undefined) {
    await markRestored(system('command line'), { reason: why });
    console.log(next);
  }
};
