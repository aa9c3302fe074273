import fs from 'node:fs';
import { type Command, textOf } from '#cli/command.ts';
import { checkArchive } from '#core/evidence/archive.ts';
import { type CheckedBundle, checkBundle } from '#core/evidence/check-bundle.ts';
import { Problem } from '#lib/problem.ts';

const nothing = 'Nothing was checked.';

async function checkLines(file: string): Promise<boolean> {
  // Loaded here only: a bundle is checked without a database.
  const { closeDb, db } = await import('#lib/db.ts');
  const { events, hash, whole, fault } = await checkArchive(db().pool, file).finally(closeDb);
  const extent =
    whole === null
      ? 'These are some lines: the file is none of the archives that the log names.'
      : `This is the whole archive of places ${whole.firstSeq} to ${whole.lastSeq}.`;
  const sound = `Checked ${events} proofs: each event is one that was sealed here, as it was sealed.\n${extent}`;
  console.log(fault === null ? sound : `WRONG: ${fault}.`);
  console.log(`SHA-256: ${hash}`);
  return fault === null;
}

const soundLines = ({ events, proven, sealedBy }: CheckedBundle) => [
  `Checked ${events} events: everything is as it was when the bundle was made.`,
  `Proven to have been sealed: ${proven}, with the key ${sealedBy.join(', ') || '—'}.`,
  ...(proven === events ? [] : [`Not sealed yet when the bundle was made: ${events - proven}.`]),
];

async function checkUnpacked(folder: string, key: string | undefined): Promise<boolean> {
  const checked = await checkBundle(folder);
  const { keyId } = checked;
  const isOther = key !== undefined && keyId !== null && keyId !== key;
  const fault = checked.fault ?? (isOther ? `it is signed with the key ${keyId}, and not with ${key}` : null);
  const lines = fault === null ? soundLines(checked) : [`WRONG: ${fault}.`];
  if (fault === null && key === undefined) {
    lines.push(
      `Signed with the key ${keyId}. Whoever has any key can make a bundle: compare it with the one that`,
    );
    lines.push('rekey audit verify prints on the server, or give that one with --key.');
  }
  console.log(lines.join('\n'));
  return fault === null;
}

/** Whether it begins as .zip files do. */
function isZip(file: string): boolean {
  const [begin, handle] = [Buffer.alloc(2), fs.openSync(file, 'r')];
  fs.readSync(handle, begin);
  fs.closeSync(handle);
  return begin.toString() === 'PK';
}

export const auditCheckCommand: Command = {
  words: ['audit', 'check'],
  operands: 1,
  usage: `rekey audit check FILE
      checks inclusion proofs, one as JSON on each line, such as an archive of rekey audit detach: that each holds, and
      that its batch is one of this log; the exit code is 1 when one does not, or there is none; it says whether the file
      is a whole archive or some lines
  rekey audit check FOLDER [--key ID]
      checks an evidence bundle that was unpacked there, without a server; the exit code is 1 when anything of it was altered,
      or when it is not signed with the key of that id, as rekey audit verify prints it`,
  options: { key: { type: 'string' } },
  run: async ([given], values) => {
    const key = textOf(values, 'key');
    const found = given === undefined ? undefined : fs.statSync(given, { throwIfNoEntry: false });
    if (given === undefined) {
      throw new Problem(
        400,
        'usage',
        `It takes the FILE with the proofs, or a FOLDER with a bundle. ${nothing}`,
      );
    }
    if (found === undefined) {
      throw new Problem(400, 'unreadable', `${given} is not there. ${nothing}`);
    }
    if (!found.isDirectory() && isZip(given)) {
      const sentence = `${given} is packed. Unpack it, and check the folder that it is in then. ${nothing}`;
      throw new Problem(400, 'usage', sentence);
    }
    if (!found.isDirectory() && key !== undefined) {
      throw new Problem(400, 'usage', `--key is for the FOLDER of a bundle. ${nothing}`);
    }
    const isSound = await (found.isDirectory() ? checkUnpacked(given, key) : checkLines(given));
    process.exitCode = isSound ? 0 : 1;
  },
};
