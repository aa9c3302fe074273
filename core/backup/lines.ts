import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Header, headerSchema, trailerSchema } from '#core/backup/format.ts';
import { openForBackup, requireKeys } from '#core/backup/keys.ts';
import { linesOf } from '#lib/lines.ts';
import { Problem } from '#lib/problem.ts';

const damaged = (file: string, what: string) =>
  new Problem(
    422,
    'damaged_backup',
    `${file} is damaged: ${what}. Take another copy of it. Nothing was changed.`,
  );

function parsed(line: Buffer | undefined): unknown {
  try {
    return JSON.parse(line?.toString() ?? '');
  } catch {
    return undefined;
  }
}

function headerOf(file: string, line: Buffer | undefined): Header {
  const value = parsed(line);
  const result = headerSchema.safeParse(value);
  if (result.success) return result.data;
  if (typeof value === 'object' && value !== null && 'rekeyBackup' in value) {
    const sentence = `${file} is a backup in a form that this Rekey does not read. Restore it with the version that made it. Nothing was changed.`;
    throw new Problem(422, 'unknown_backup', sentence);
  }
  throw new Problem(422, 'no_backup', `${file} is no backup of Rekey. Nothing was changed.`);
}

/** What became of reading: zlib and the file system have codes of their own. */
function explained(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR') return damaged(file, 'it ends before its end');
  if (code.startsWith('Z_')) return damaged(file, 'its content is not what was written');
  if (/^E[A-Z]+$/.test(code)) {
    return new Problem(400, 'unreadable', `${file} cannot be read (${code}). Nothing was changed.`);
  }
  return error;
}

/**
 * Reads a backup: `begin` is given its header, and `row` every row with the number of its table. The keys are checked before
 * the first row, and the whole content once it was read. Throws a `Problem` that says what is wrong with the file.
 */
export async function readBackup(
  file: string,
  begin: (header: Header) => Promise<void>,
  row: (table: number, line: string) => Promise<void>,
): Promise<Header> {
  const hash = createHash('sha256');
  const take = (line: Buffer) => hash.update(line).update('\n');
  const lines = linesOf(pipeline(createReadStream(file), createGunzip(), () => {}));
  try {
    const first = (await lines.next()).value as Buffer | undefined;
    const header = headerOf(file, first);
    requireKeys(header);
    take(first ?? Buffer.alloc(0));
    await begin(header);
    for (const [n, table] of header.tables.entries()) {
      for (let left = table.rows; left > 0; left -= 1) {
        const { value: line, done } = await lines.next();
        if (done === true) throw damaged(file, 'it ends before its end');
        take(line);
        await row(n, line.toString());
      }
    }
    const trailer = trailerSchema.safeParse(parsed((await lines.next()).value as Buffer | undefined));
    if (!trailer.success) throw damaged(file, 'it ends before its end');
    const sha256 = hash.digest('hex');
    const isWhole = (await lines.next()).done === true && trailer.data.sha256 === sha256;
    if (!isWhole || openForBackup(header.id, 'sha256', trailer.data.sealed) !== sha256) {
      throw damaged(file, 'its content is not what was written');
    }
    return header;
  } catch (error) {
    throw explained(file, error);
  } finally {
    await lines.return(undefined);
  }
}
