import fs from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Command, textOf } from '#cli/command.ts';
import { Api, RemoteError } from '#cli/remote/api.ts';
import { readSettings } from '#cli/remote/settings.ts';
import { Problem } from '#lib/problem.ts';

const FORMATS = ['csv', 'jsonl'];

/** The question, with the time as a part of it. */
function questionOf(query = '', from = '', to = ''): string {
  const created = from === '' && to === '' ? '' : `created:${from}..${to}`;
  return [query, created].filter((part) => part !== '').join(' ');
}

/** Writes a new file, for its owner only, which has its name only once it is whole. */
async function writeWhole(file: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
  if (fs.existsSync(file)) {
    throw new Problem(400, 'unwritable', `${file} is there already. Nothing was exported.`);
  }
  const part = `${file}.${process.pid}.part`;
  try {
    await pipeline(parts, fs.createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true }));
    fs.renameSync(part, file);
  } catch (error) {
    fs.rmSync(part, { force: true });
    if (error instanceof RemoteError) throw error;
    throw new Problem(400, 'unwritable', `${file} could not be written, and is not there: ${error}.`);
  }
}

export const auditExportCommand: Command = {
  words: ['audit', 'export'],
  operands: 0,
  usage: `rekey audit export [--from DAY] [--to DAY] [--query Q] [--format csv|jsonl] [-o FILE]
      writes the audit events that fit, the newest first, to a new FILE or to standard output; it takes the role auditor
      or admin. DAY is as 2026-11-28 or 2026-11-28T09:30Z, in UTC; the last day is included. Q is a question as on the page`,
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    query: { type: 'string' },
    format: { type: 'string', default: 'jsonl' },
    out: { type: 'string', short: 'o' },
  },
  run: async (_, values) => {
    const [format = '', file] = [textOf(values, 'format'), textOf(values, 'out')];
    if (!FORMATS.includes(format)) {
      throw new Problem(400, 'usage', `--format takes csv or jsonl, not ${format}.`);
    }
    const q = questionOf(textOf(values, 'query'), textOf(values, 'from'), textOf(values, 'to'));
    const parts = new Api(readSettings()).stream(
      `/audit-events/export?${new URLSearchParams({ q, format })}`,
    );
    if (file !== undefined) return writeWhole(file, parts);
    await pipeline(parts, process.stdout, { end: false });
  },
};
