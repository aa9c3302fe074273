import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hydra } from '#connectors/issuers/hydra.ts';
import { system } from '#core/access/actor.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { rollBackRotation } from '#core/rotation/roll-back-rotation.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { fakeHydra } from '#tests/fakes/hydra.ts';
import { callWith } from '#tests/support/call.ts';
import { advanceThroughRetries } from '#tests/support/sample.ts';

const actor = system('lost answer');
let folder: string;

beforeAll(() => {
  const root = fs.realpathSync(os.tmpdir());
  process.env.REKEY_FILE_ROOTS = root;
  process.env.REKEY_DATA_DIR = path.join(root, 'no-data-here');
  folder = fs.mkdtempSync(path.join(root, 'rekey-lost-'));
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

test('a rotation whose secret was set and whose answer was lost is rolled back by setting the old value again', async () => {
  const fake = await fakeHydra();
  try {
    const clientId = 'fleet/api';
    const { client_secret: old } = fake.client(clientId);
    const config = { adminUrl: fake.url, publicUrl: fake.url, apiKey: fake.apiKey };
    const { id: issuerId } = await addIssuer(actor, { name: 'hydra', kind: 'hydra', config });
    const { id: credentialId } = await importCredential(actor, {
      name: 'fleet',
      issuerId,
      place: { clientId },
      environment: 'test',
      fields: { clientId, clientSecret: old },
    });
    const file = path.join(folder, 'app.env');
    const { id: targetId } = await addTarget(actor, { name: 'env', kind: 'dotenv', config: {} });
    const place = { path: file };
    await bindTarget(actor, { credentialId, targetId, place, fields: { clientSecret: 'SECRET' } });

    // The first change is made and its answer lost; from then on Rekey is refused.
    let changes = 0;
    fake.trouble = 'cut_after';
    fake.troubled = ({ method }) => {
      if (method === 'PATCH') changes += 1;
      fake.refused = changes === 2;
      return method === 'PATCH' && changes === 1;
    };
    const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
    const held = await advanceThroughRetries(rotationId);
    expect(held.hold).toBe('permission_missing');
    const call = callWith(hydra.config.parse(config), hydra.place.parse({ clientId }));
    const works = () => hydra.verify(call, { clientSecret: new Plaintext(old) });
    expect(await works()).toBe('rejected');

    fake.troubled = () => false;
    fake.refused = false;
    await rollBackRotation(actor, { rotationId });
    const end = await advanceThroughRetries(rotationId);
    expect({ outcome: end.outcome, detail: end.holdDetail }).toEqual({
      outcome: 'rolled_back',
      detail: null,
    });
    expect(await works()).toBe('accepted');
    expect(parseEnv(fs.readFileSync(file, 'utf8')).SECRET).toBe(old);
  } finally {
    await fake.close();
  }
});
