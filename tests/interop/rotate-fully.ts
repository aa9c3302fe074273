import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect } from 'vitest';
import { system } from '#core/access/actor.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { openFields } from '#core/vault/fields.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceUntil } from '#tests/support/sample.ts';

const actor = system('interop');
let number = 0;
let root: string | undefined;

afterAll(() => {
  if (root !== undefined) fs.rmSync(root, { recursive: true, force: true });
});

/** One for all rotations of a file: the environment is read once in a process. */
function rootFolder(): string {
  if (root !== undefined) return root;
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-interop-'));
  process.env.REKEY_FILE_ROOTS = made;
  process.env.REKEY_DATA_DIR = path.join(made, 'no-data-here');
  root = made;
  return made;
}

/** What a person would enter to have one credential rotated. */
export interface Setting {
  readonly issuer: { kind: string; config: Record<string, unknown>; place: Record<string, unknown> };
  /** The values in use, and what the issuer calls them. */
  readonly fields: Record<string, string>;
  readonly externalId?: string;
  /** Where the secret goes: key at the target by field. An env file in a temporary folder where none is given. */
  readonly target?: {
    kind: string;
    config: Record<string, unknown>;
    place: Record<string, unknown>;
    fields: Record<string, string>;
  };
}

/**
 * Imports a credential, binds a target and rotates it through the whole engine, twice, so that the second rotation
 * starts from what the first one left. Answers the fields of the version that is current in the end.
 */
export async function rotateFully(setting: Setting): Promise<Record<string, string>> {
  number += 1;
  const folder = path.join(rootFolder(), String(number));
  fs.mkdirSync(folder);
  const { issuer, fields, externalId } = setting;
  const name = `${issuer.kind} ${number}`;
  const { id: issuerId } = await addIssuer(actor, { name, kind: issuer.kind, config: issuer.config });
  const { id: credentialId } = await importCredential(actor, {
    name,
    issuerId,
    place: issuer.place,
    environment: 'test',
    fields,
    ...(externalId === undefined ? {} : { externalId }),
  });
  const target = setting.target ?? {
    kind: 'dotenv',
    config: {},
    place: { path: path.join(folder, 'app.env') },
    fields: Object.fromEntries(Object.keys(fields).map((field) => [field, field.toUpperCase()])),
  };
  const { id: targetId } = await addTarget(actor, { name, kind: target.kind, config: target.config });
  await bindTarget(actor, { credentialId, targetId, place: target.place, fields: target.fields });
  for (const round of [1, 2]) {
    const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
    const row = await advanceUntil(
      rotationId,
      ({ outcome, hold }) => outcome !== null || hold !== null,
      () => moveTime(process.env.DATABASE_URL ?? '', '5 seconds'),
    );
    expect({ round, outcome: row.outcome, hold: row.hold, detail: row.holdDetail }).toEqual({
      round,
      outcome: 'completed',
      hold: null,
      detail: null,
    });
  }
  fs.rmSync(folder, { recursive: true, force: true });
  return currentFields(credentialId);
}

async function currentFields(credentialId: string): Promise<Record<string, string>> {
  const version = await db().prisma.secretVersion.findFirstOrThrow({
    where: { credentialId, state: 'current' },
  });
  const opened = openFields({ table: 'secret_versions', id: version.id, field: 'sealed' }, version.sealed);
  return Object.fromEntries(Object.entries(opened).map(([field, value]) => [field, value.expose()]));
}
