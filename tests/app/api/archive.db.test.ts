import { beforeAll, expect, test } from 'vitest';
import { db } from '#lib/db.ts';
import { ask } from '#tests/app/api/ask.ts';
import { type LimitedWorld, limitedWorld } from '#tests/support/limited-world.ts';

let world: LimitedWorld;
let path: string;

beforeAll(async () => {
  world = await limitedWorld('billing', 'production', []);
  path = `/bindings/${world.bindingId}`;
  const { prisma } = db();
  await prisma.target.updateMany({ data: { kind: 'dotenv' } });
  await prisma.binding.update({
    where: { id: world.bindingId },
    data: {
      needs: 'accepted',
      place: { path: '/srv/billing/.env' },
      consumerUrl: 'https://billing.example.com/version',
    },
  });
});

test('a binding whose credential is being rotated is neither changed nor unbound, and the answer names the rotation', async () => {
  const refused = { status: 409, body: { code: 'rotation_open', rotationId: world.rotationId } };
  expect(await ask('PUT', path, { body: { required: false } })).toMatchObject(refused);
  expect(await ask('DELETE', path)).toMatchObject(refused);
  await db().pool.query(`update rotations set outcome = 'cancelled', hold = null where outcome is null`);
});

test('PUT answers the binding as it stands, keeps what is left out, and null takes the address away', async () => {
  const before = await ask('GET', path);
  const { status, body } = await ask('PUT', path, { body: { required: false, consumerUrl: null } });
  expect(status).toBe(200);
  expect(body).toEqual({ ...before.body, required: false, consumerUrl: null });
  expect(await ask('PUT', path, { body: { canary: true } })).toMatchObject({
    status: 422,
    body: { code: 'canary_not_required' },
  });
  expect((await ask('PUT', path, { body: { place: {} } })).status).toBe(400);
});

test('what is in use is not archived over the API; from the binding up all of it is', async () => {
  const { issuerId } = await db().prisma.credential.findUniqueOrThrow({ where: { id: world.credentialId } });
  const targetId = String((await ask('GET', path)).body.targetId);
  const inUse = { status: 409, body: { code: 'in_use' } };
  expect(await ask('DELETE', `/targets/${targetId}`)).toMatchObject(inUse);
  expect(await ask('DELETE', `/issuers/${issuerId}`)).toMatchObject(inUse);
  expect((await ask('DELETE', path)).status).toBe(204);
  expect((await ask('GET', path)).status).toBe(404);
  expect((await ask('DELETE', path)).status).toBe(404);
  expect((await ask('DELETE', `/targets/${targetId}`)).status).toBe(204);
  expect((await ask('GET', `/targets/${targetId}`)).status).toBe(404);
  expect(await ask('DELETE', `/issuers/${issuerId}`)).toMatchObject(inUse);
  const { items } = (await ask('GET', `/bindings?credentialId=${world.credentialId}`)).body;
  expect(items).toEqual([]);
});
