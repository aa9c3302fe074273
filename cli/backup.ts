import path from 'node:path';
import type { Command } from '#cli/command.ts';
import { auditActor, system } from '#core/access/actor.ts';
import { record } from '#core/audit/record.ts';
import { writeBackup } from '#core/backup/write-backup.ts';
import { db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

/** Writes the whole database into a file, and records that. */
export const run: Command['run'] = async ([file]) => {
  if (file === undefined) {
    throw new Problem(400, 'usage', 'It takes a FILE to write to. See docs/operations.md.');
  }
  const { id, tables, keys, missing } = await writeBackup(file);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  await db().prisma.$transaction((tx) =>
    record(tx, { action: 'database.backed_up', actor: auditActor(system('command line')), id, rows }),
  );
  console.log(`Wrote the backup ${id} to ${path.resolve(file)}: ${rows} rows of ${tables.length} tables.`);
  console.log(`It opens with these master keys, kept in another place: ${keys.master.join(', ')}.`);
  for (const { key, values } of missing) {
    const sentence = `Not in REKEY_MASTER_KEYS: ${key}. What it has sealed (values: ${values}) opens neither here nor out of the backup.`;
    console.log(sentence);
  }
};
