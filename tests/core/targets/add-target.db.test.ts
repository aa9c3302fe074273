import { beforeEach, expect, test } from 'vitest';
import type { Actor } from '#core/access/actor.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { checkTarget } from '#core/targets/check-target.ts';
import { listTargetKinds } from '#core/targets/list-target-kinds.ts';
import { listTargets } from '#core/targets/list-targets.ts';
import { openFields } from '#core/vault/fields.ts';
import { db } from '#lib/db.ts';
import { loopback } from '#tests/support/loopback.ts';
import { auditBodies } from '#tests/support/users.ts';

const canary = `whsec_${Buffer.from('canary-canary-canary-canary').toString('base64')}`;
const admin: Actor = { kind: 'user', id: 'u1', name: 'Ada', role: 'admin', stepUpAt: new Date() };
const wish = {
  name: 'Receiver',
  kind: 'webhook',
  config: { url: 'http://127.0.0.1:4000/rekey', signingSecret: canary },
};

beforeEach(async () => {
  await db().prisma.target.deleteMany();
});

const rows = () => db().prisma.target.findMany();

test('the secrets of a target are sealed, and stand in no row and no event', async () => {
  const { id } = await addTarget(admin, wish);
  const [row] = await rows();
  expect(row?.config).toEqual({ url: 'http://127.0.0.1:4000/rekey' });
  const opened = openFields({ table: 'targets', id, field: 'sealed' }, row?.sealed ?? null);
  expect(opened.signingSecret?.expose()).toBe(canary);
  expect(JSON.stringify([await rows(), await auditBodies('target.created')])).not.toContain(canary);
  expect((await auditBodies('target.created')).at(-1)).toMatchObject({ id, name: 'Receiver' });
});

test('a list of targets holds neither secrets nor what is sealed', async () => {
  await addTarget(admin, wish);
  const listed = await listTargets(admin, {});
  expect(listed).toMatchObject([{ name: 'Receiver', kind: 'webhook', health: 'unknown', bindings: 0 }]);
  const [row] = await rows();
  expect(JSON.stringify(listed)).not.toContain(canary);
  expect(JSON.stringify(listed)).not.toContain(row?.sealed);
});

test.each(['http://169.254.169.254/latest', 'http://[fe80::1]/'])(
  'the address %s is refused with a sentence at its field, and nothing is saved',
  async (url) => {
    const refused = addTarget(admin, { ...wish, config: { ...wish.config, url } });
    await expect(refused).rejects.toMatchObject({
      code: 'address_refused',
      fields: { 'config.url': expect.stringMatching(/never allowed\.$/) },
    });
    expect(await rows()).toEqual([]);
  },
);

test('a secret of the wrong form is refused at its field, and not repeated', async () => {
  const config = { ...wish.config, signingSecret: 'canary-not-a-signing-secret' };
  const error = await addTarget(admin, { ...wish, config }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'bad_input',
    fields: { 'config.signingSecret': expect.stringContaining('must be whsec_') },
  });
  expect(String(error)).not.toContain('canary');
  expect(await rows()).toEqual([]);
});

test('an unknown kind and an unknown field are refused', async () => {
  await expect(addTarget(admin, { ...wish, kind: 'nobody' })).rejects.toMatchObject({ code: 'unknown_kind' });
  const config = { ...wish.config, colour: 'blue' };
  await expect(addTarget(admin, { ...wish, config })).rejects.toMatchObject({
    code: 'bad_input',
    message: expect.stringContaining('colour'),
  });
  expect(await rows()).toEqual([]);
});

test('the same name twice is refused, and the first stays as it is', async () => {
  await addTarget(admin, wish);
  const [before] = await rows();
  await expect(addTarget(admin, wish)).rejects.toMatchObject({ status: 409, code: 'name_taken' });
  expect(await rows()).toEqual([before]);
});

test('a target that needs no place is checked without a binding, and its health is kept', async () => {
  let status = 200;
  const receiver = await loopback((_request, response) => response.writeHead(status).end('{}'));
  const config = { ...wish.config, url: receiver.url };
  const { id: targetId } = await addTarget(admin, { ...wish, config });
  expect(await checkTarget(admin, { targetId })).toEqual({
    ok: true,
    message: 'Receiver answers, and can be written.',
  });
  expect((await rows())[0]?.health).toBe('healthy');
  status = 401;
  const refused = await checkTarget(admin, { targetId });
  expect(refused).toMatchObject({ ok: false, message: expect.stringMatching(/^Receiver: .*\.$/) });
  expect(refused.message).not.toContain(canary);
  expect((await rows())[0]?.health).toBe('unhealthy');
  await receiver.close();
});

test('a target that needs a place is not asked before a credential is bound to it', async () => {
  const { id: targetId } = await addTarget(admin, { name: 'Files', kind: 'dotenv', config: {} });
  await expect(checkTarget(admin, { targetId })).rejects.toMatchObject({
    code: 'nothing_to_check_with',
    message: expect.stringContaining('It is checked when a credential is bound to it.'),
  });
  expect((await rows())[0]?.health).toBe('unknown');
});

test('every kind of target comes with its forms and abilities as plain data', async () => {
  const kinds = await listTargetKinds(admin, {});
  expect(JSON.parse(JSON.stringify(kinds))).toEqual(kinds);
  expect(kinds.find((one) => one.kind === 'dotenv')).toMatchObject({ can: { readBack: 'value' } });
});
