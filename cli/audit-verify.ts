import fs from 'node:fs';
import { type Command, textOf } from '#cli/command.ts';
import { system } from '#core/access/actor.ts';
import { auditKey } from '#core/audit/signing-key.ts';
import {
  type Detached,
  finishVerification,
  type Verification,
  type WitnessReport,
} from '#core/evidence/verification.ts';
import { verifyAudit } from '#core/evidence/verify-audit.ts';
import type { Seen } from '#core/evidence/witness.ts';
import { checkpointsIn } from '#core/evidence/witness-file.ts';
import { Problem } from '#lib/problem.ts';

/** The checkpoints of a file, of which there is one at least. They are read while they are compared: they can be millions. */
async function readWitness(file: string): Promise<AsyncIterable<Seen>> {
  if (!fs.existsSync(file)) {
    throw new Problem(400, 'unreadable', `${file} is not there. Nothing was verified.`);
  }
  for await (const _ of checkpointsIn(file)) return checkpointsIn(file);
  const message = `${file} holds no checkpoint: it takes one as JSON on each line. Nothing was verified.`;
  throw new Problem(400, 'unreadable', message);
}

const verdicts: Record<WitnessReport['says'], string> = {
  agrees: 'agrees',
  differs: 'DIFFERS',
  empty: 'holds nothing',
  not_asked: 'can be told and not asked; compare what it kept with --witness',
  no_answer: 'does not answer',
};

function witnessLine({ name, kind, says, through, detail }: WitnessReport): string {
  const far = through === null ? '' : `, through batch ${through}`;
  const weak = kind === 'local' ? ' (on a disk of Rekey’s own, the weaker proof)' : '';
  return `  ${name}${weak}: ${verdicts[says]}${far}${detail === null ? '' : `. ${detail}`}`;
}

const detachedLine = ({ firstSeq, lastSeq, at, by }: Detached): string =>
  `Places ${firstSeq} to ${lastSeq}: bodies detached on ${at} by ${by}; hashes verified.`;

function report({
  ok,
  events,
  detached,
  sealedThrough,
  firstBad,
  unsealed,
  witnesses,
}: Verification): string {
  const through =
    sealedThrough === null
      ? 'Nothing is sealed yet.'
      : `Sealed through place ${sealedThrough.seq}, batch ${sealedThrough.batch}, at ${sealedThrough.at}.`;
  const waiting =
    unsealed.events === 0
      ? []
      : [`Not sealed yet, and not proven: ${unsealed.events}, the oldest of ${unsealed.since}.`];
  const key = auditKey();
  return [
    ok ? `Verified ${events} events: nothing was altered.` : `WRONG: ${firstBad?.what}.`,
    ...(ok ? detached.map(detachedLine) : []),
    ...(ok ? [] : [`${events} events before it are as they were sealed.`]),
    through,
    ...waiting,
    `Key of this installation: ${key.id}`,
    `Its public key: ${key.raw.toString('hex')}`,
    'Witnesses:',
    ...witnesses.map(witnessLine),
  ].join('\n');
}

/** Shows progress on a terminal, four times a second at most. */
function showProgress(): (progress: { events: number; of: number }) => void {
  let shownAt = 0;
  return ({ events, of }) => {
    const now = performance.now();
    if (!process.stderr.isTTY || now - shownAt < 250) return;
    shownAt = now;
    process.stderr.write(`\r${events} of ${of} events`);
  };
}

/** Recomputes the audit log, or a part of it, and compares it with its witnesses. */
export const run: Command['run'] = async (_, values) => {
  const file = textOf(values, 'witness');
  const run = await verifyAudit(system('command line'), {
    from: textOf(values, 'from'),
    to: textOf(values, 'to'),
    ...(file === undefined ? {} : { witnessed: await readWitness(file) }),
  });
  const found = await finishVerification(run, showProgress());
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(values.json === true ? JSON.stringify(found, null, 2) : report(found));
  process.exitCode = found.ok ? 0 : 1;
};
