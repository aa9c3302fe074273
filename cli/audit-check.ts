import fs from 'node:fs';
import type { Command } from '#cli/command.ts';
import { checkArchive } from '#core/evidence/archive.ts';
import { db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

export const auditCheckCommand: Command = {
  words: ['audit', 'check'],
  operands: 1,
  usage: `rekey audit check FILE
      checks inclusion proofs, one as JSON on each line, such as an archive of rekey audit detach: that each holds, and
      that its batch is one of this log; the exit code is 1 when one does not`,
  options: {},
  run: async ([file]) => {
    if (file === undefined) {
      throw new Problem(400, 'usage', 'It takes the FILE with the proofs. Nothing was checked.');
    }
    if (!fs.existsSync(file)) {
      throw new Problem(400, 'unreadable', `${file} is not there. Nothing was checked.`);
    }
    const { events, hash, fault } = await checkArchive(db().pool, file);
    console.log(
      fault === null
        ? `Checked ${events} proofs: each event is one that was sealed here, as it was sealed.`
        : `WRONG: ${fault}.`,
    );
    console.log(`SHA-256: ${hash}`);
    process.exitCode = fault === null ? 0 : 1;
  },
};
