import fs from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Checkpoint, checkpointHash, checkpointSchema } from '#core/audit/checkpoint.ts';
import type { Seen, Witness } from '#core/evidence/witness.ts';
import { linesOf } from '#lib/lines.ts';

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** Appends one line, on a line of its own also where a process died in the middle of the one before. */
async function appendLine(file: string, line: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1, '\n');
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    await handle.appendFile(`${last.toString() === '\n' ? '' : '\n'}${line}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parseLine(line: string): Seen | null {
  try {
    const checkpoint = checkpointSchema.parse(JSON.parse(line));
    return { n: checkpoint.n, hash: checkpointHash(checkpoint) };
  } catch {
    return null;
  }
}

/** The checkpoints of a file with one on each line. A line that a crash has cut says nothing; the hash is made from the line. */
export async function* checkpointsIn(file: string): AsyncGenerator<Seen> {
  if (!(await exists(file))) return;
  for await (const line of linesOf(fs.createReadStream(file))) {
    const seen = parseLine(line.toString());
    if (seen !== null) yield seen;
  }
}

/** A file that lines are only ever appended to, one for each checkpoint. */
export function fileWitness(file: string): Witness {
  return {
    name: `Local witness (${file})`,
    kind: 'local',
    everyMs: 0,
    afterRestore: `If you restored it, move ${path.basename(file)} out of the data folder of each machine that has one, and keep it.`,
    tell: (checkpoint: Checkpoint) => appendLine(file, JSON.stringify(checkpoint)),
    seen: () => checkpointsIn(file),
  };
}
