import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Actor, system } from '#core/access/actor.ts';
import { findSecret } from '#core/credentials/find-secret.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { openFields } from '#core/vault/fields.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';
import { auditBodies } from '#tests/support/users.ts';

const actor = system('test');
let sample: Sample;

beforeAll(async () => {
  sample = await startSample();
});
afterAll(() => sample.close());

test('a value that is pasted with what stood around it is found, and said to work', async () => {
  const secret = sample.secretInFile('fleet-api');
  const credentialId = await sample.credentialId('fleet-api');
  const found = { credentialId, credential: 'fleet-api', version: 1, state: 'current', live: 'live' };
  for (const text of [
    secret,
    `  ${secret}\n`,
    `# from the log\nOTHER=1\nexport SCOUT_CLIENT_SECRET="${secret}"\n`,
    `{"secret": "${secret}", "x": 1}`,
    `curl -u fleet-api:${secret}`,
    `docker run --env=SCOUT_CLIENT_SECRET=${secret} scout`,
    `https://fleet-api:${secret}@scout.example/oauth`,
    `https://scout.example/oauth?client_secret=${secret}&x=1`,
    `${Array.from({ length: 2_000 }, (_, n) => `SETTING_${n}="value ${n}"`).join('\n')}\nX=${secret}`,
  ]) {
    expect(await findSecret(actor, { text })).toMatchObject([found]);
  }
});

test('a version that was retired is found and said to be dead; what is no secret of ours is not found', async () => {
  const old = sample.secretInFile('report-builder');
  const credentialId = await sample.credentialId('report-builder');
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  await advanceUntil(rotationId, ({ outcome }) => outcome === 'completed');
  const both = `${old}\n${sample.secretInFile('report-builder')}`;
  expect(await findSecret(actor, { text: both })).toMatchObject([
    { credential: 'report-builder', version: 2, live: 'live' },
    { credential: 'report-builder', version: 1, live: 'dead' },
  ]);
  expect(await findSecret(actor, { text: 'a-value-of-nobody-here' })).toEqual([]);
});

test('a secret whose issuer cannot be opened any more is found all the same', async () => {
  const { issuerId } = await db().prisma.credential.findFirstOrThrow({ where: { name: 'partner-portal' } });
  const { kind } = await db().prisma.issuer.findUniqueOrThrow({ where: { id: issuerId } });
  await db().prisma.issuer.update({ where: { id: issuerId }, data: { kind: 'of-another-version' } });
  expect(await findSecret(actor, { text: sample.secretInFile('partner-portal') })).toMatchObject([
    { credential: 'partner-portal', live: 'unknown' },
  ]);
  await db().prisma.issuer.update({ where: { id: issuerId }, data: { kind } });
});

test('that somebody looked is recorded with what was found, and the pasted text nowhere', async () => {
  const canary = 'canary-that-was-pasted-once';
  await findSecret(actor, { text: `${canary} ${sample.secretInFile('fleet-api')}` });
  const events = await db().prisma.auditEvent.findMany({
    where: { action: 'secret.looked_up' },
    orderBy: { id: 'desc' },
  });
  expect(JSON.parse(events[0]?.body ?? '')).toMatchObject({
    found: [{ credential: 'fleet-api', version: 1 }],
  });
  for (const { body } of events) {
    expect(body).not.toContain(canary);
    expect(body).not.toContain(sample.secretInFile('fleet-api'));
  }
});

test('a text of the most different words is searched, and one that is too long is refused with a sentence', async () => {
  const words = Array.from({ length: 13_000 }, (_, n) => n.toString(36).padStart(4, '0')).join(' ');
  expect(await findSecret(actor, { text: words })).toEqual([]);
  await expect(findSecret(actor, { text: 'x'.repeat(70_000) })).rejects.toMatchObject({ code: 'bad_input' });
});

const person = (): Actor => ({
  kind: 'user',
  id: newId(),
  name: 'Olga',
  role: 'operator',
  stepUpAt: new Date(0),
});

test('nobody guesses secrets by looking them up: a person does so 30 times in 15 minutes, found or not, and the refusal is recorded once', async () => {
  const [olga, ben] = [person(), person()];
  const text = `guess ${sample.secretInFile('fleet-api')}`;
  for (let n = 0; n < 30; n += 1) {
    await findSecret(olga, { text });
  }
  const refused = { status: 429, code: 'too_many_look_ups', extra: { retryAfter: expect.any(String) } };
  await expect(findSecret(olga, { text })).rejects.toMatchObject(refused);
  await expect(findSecret(olga, { text: 'another guess' })).rejects.toMatchObject(refused);
  const failures = (await auditBodies('secret.looked_up')).filter(({ outcome }) => outcome === 'failure');
  expect(failures).toMatchObject([{ actor: { id: olga.id }, found: [] }]);
  expect(await findSecret(ben, { text })).toMatchObject([{ credential: 'fleet-api' }]);
  await moveTime(process.env.DATABASE_URL ?? '', '16 minutes');
  expect(await findSecret(olga, { text })).toMatchObject([{ credential: 'fleet-api' }]);
});

test('a text of many values counts as many look-ups', async () => {
  const olga = person();
  const words = (from: number) => Array.from({ length: 8_000 }, (_, n) => `w${from + n}`).join(' ');
  for (const from of [10_000, 20_000, 30_000]) {
    await findSecret(olga, { text: words(from) });
  }
  await expect(findSecret(olga, { text: words(40_000) })).rejects.toMatchObject({ status: 429 });
});

test('a value that its issuer refuses is tried less often than the issuer locks after, in one text and in many', async () => {
  const credentialId = await sample.credentialId('report-builder');
  await db().prisma.secretVersion.updateMany({
    where: { credentialId, state: 'revoked' },
    data: { provenDeadAt: null },
  });
  const old = await db().prisma.secretVersion.findFirstOrThrow({ where: { credentialId, state: 'revoked' } });
  const { sealed } = old;
  const fields = openFields({ table: 'secret_versions', id: old.id, field: 'sealed' }, sealed ?? '');
  const text = Object.values(fields)
    .map((value) => value.expose())
    .join('\n');
  const verdicts = [];
  for (let n = 0; n < 12; n += 1) {
    verdicts.push((await findSecret(actor, { text })).at(0)?.live);
  }
  const tried = verdicts.filter((verdict) => verdict === 'dead').length;
  expect([tried > 0, tried < 10, verdicts.at(-1)]).toEqual([true, true, 'unknown']);
  expect(await findSecret(actor, { text: sample.secretInFile('report-builder') })).toMatchObject([
    { live: 'unknown' },
  ]);
});
