import fs from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { auditActor, system } from '#core/access/actor.ts';
import type { Checkpoint } from '#core/audit/checkpoint.ts';
import { compareRestored } from '#core/backup/compare-restored.ts';
import { readRestoration } from '#core/backup/read-restoration.ts';
import { restoreBackup } from '#core/backup/restore-backup.ts';
import { resumeRestored } from '#core/backup/resume-restored.ts';
import { writeBackup } from '#core/backup/write-backup.ts';
import { keepSealed } from '#core/evidence/keep-sealed.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { compareWithWitness } from '#core/evidence/verify-witness.ts';
import { fileWitness } from '#core/evidence/witness-file.ts';
import { createUser } from '#core/users/create-user.ts';
import { db } from '#lib/db.ts';
import { add, verifyAll } from '#tests/core/evidence/trail.ts';
import { scratchFolder } from '#tests/support/folder.ts';
import { dropAllPlain, useNew } from '#tests/support/restored.ts';

const actor = system('test');

afterAll(dropAllPlain);

const witnessFile = () => path.join(process.env.REKEY_DATA_DIR ?? '', 'audit-witness.jsonl');

async function sealOne(): Promise<Checkpoint> {
  await add();
  const sealed = await sealEvents();
  if (sealed === null) throw new Error('Nothing was sealed.');
  return sealed;
}

/** Adds an event, seals it and has the local witness told, as a worker does. */
async function sealAndTell(): Promise<void> {
  const { root } = await sealOne();
  await expect
    .poll(async () => {
      await keepSealed();
      return fs.existsSync(witnessFile()) ? fs.readFileSync(witnessFile(), 'utf8') : '';
    })
    .toContain(root);
}

/** What a witness's report says that was told these and then one that the log does not have. */
async function toldAnother(...told: Checkpoint[]): Promise<string | null> {
  const witness = fileWitness(path.join(scratchFolder(), 'witness.jsonl'));
  for (const one of told) await witness.tell(one);
  await witness.tell({ ...(await sealOne()), root: '0'.repeat(64) });
  return (await compareWithWitness(db().pool, witness)).report.detail;
}

test('after a restore with the same data folder the local witness says what to do, and agrees once it was moved aside', async () => {
  const file = path.join(scratchFolder(), 'old.backup');
  await useNew('witnessed');
  await createUser(actor, { email: 'ada@example.test', name: 'Ada', role: 'admin' });
  await sealAndTell();
  await writeBackup(file);
  for (let n = 0; n < 2; n += 1) await sealAndTell();
  expect(await toldAnother()).toMatch(/^Batch \d+ is another\.$/);

  const { ownerUrl } = await useNew('witness_restored');
  await restoreBackup(file, { ownerUrl, app: db(), actor: auditActor(actor) });
  await compareRestored(actor, {});
  const comparedAt = (await readRestoration(actor, {}))?.comparedAt ?? '';
  await resumeRestored(actor, { comparedAt, readBy: 'ada@example.test' });
  await sealAndTell();
  const wrong = await verifyAll();
  expect(wrong).toMatchObject({ ok: false, witnesses: [{ says: 'differs' }] });
  expect(wrong.witnesses[0]?.detail).toContain('If you restored it, move audit-witness.jsonl out of');
  expect(await toldAnother()).toContain('If you restored it');
  expect(await toldAnother(await sealOne()), 'what differs later is no matter of the restore').toMatch(
    /^Batch \d+ is another\.$/,
  );

  fs.renameSync(witnessFile(), `${witnessFile()}.before`);
  await sealAndTell();
  expect(await verifyAll()).toMatchObject({ ok: true, witnesses: [{ says: 'agrees' }] });
});
