import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Actor, type Role, system } from '#core/access/actor.ts';
import { pauseCredential } from '#core/credentials/pause-credential.ts';
import { readOverview } from '#core/credentials/read-overview.ts';
import { unpauseCredential } from '#core/credentials/unpause-credential.ts';
import { addNotifier } from '#core/notifiers/add-notifier.ts';
import { gatherNotices } from '#core/notifiers/gather-notices.ts';
import { breakGlass } from '#core/rotation/break-glass.ts';
import { closeReview } from '#core/rotation/close-review.ts';
import { confirmBreakGlass } from '#core/rotation/confirm-break-glass.ts';
import { expireBreakGlass } from '#core/rotation/expire-break-glass.ts';
import { listBreakGlass } from '#core/rotation/list-break-glass.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { refuseBreakGlass } from '#core/rotation/refuse-break-glass.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { revokeNow } from '#core/rotation/revoke-now.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';
import { withConnections } from '#tests/support/small-pool.ts';
import { makeUser } from '#tests/support/users.ts';

const setup = system('test');
let sample: Sample;
let credentialId: string;
let admin: Actor;
let operator: Actor;

/** A user who can sign in, and has proven a moment ago who they are. */
async function person(role: Role): Promise<Extract<Actor, { kind: 'user' }>> {
  const { id, email } = await makeUser(role);
  const stepUpAt = new Date(Date.now() + 30 * 86_400_000);
  return { kind: 'user', id, name: email.split('@')[0] ?? email, role, stepUpAt };
}

beforeAll(async () => {
  sample = await startSample();
  credentialId = await sample.credentialId('fleet-api');
  admin = await person('admin');
  operator = await person('operator');
});
afterAll(() => sample.close());
afterEach(async () => {
  const { pool } = db();
  await pool.query(
    `update rotations set outcome = 'cancelled', ended_at = rekey_now() where outcome is null`,
  );
  await pool.query(`update users set disabled_at = rekey_now() where role = 'approver'`);
  await pool.query(`delete from glass_breaks`);
});

/** A rotation whose two secrets both work. */
async function inOverlap(): Promise<string> {
  const { rotationId } = await requestRotation(setup, { credentialId, graceSeconds: 86_400 });
  await advanceUntil(rotationId, ({ phase }) => phase === 'overlap');
  return rotationId;
}

const stillOverlaps = async (rotationId: string) => {
  const row = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
  return row.phase === 'overlap' && (row.overlapEndsAt?.getTime() ?? 0) > Date.now();
};
const actionsOf = async (rotationId: string) =>
  (
    await db().prisma.auditEvent.findMany({
      where: {
        rotationId,
        OR: [
          { action: { startsWith: 'break_glass' } },
          { action: { startsWith: 'review' } },
          { action: 'rotation.hastened' },
        ],
      },
      orderBy: { id: 'asc' },
    })
  ).map(({ action }) => action);

test('what one person asks for revokes nothing before a second one has confirmed it, and then at once', async () => {
  const rotationId = await inOverlap();
  const old = sample.secretInFile('fleet-api');
  expect(old).not.toBe('');
  const answer = await breakGlass(operator, { rotationId, reason: 'It was posted.' });
  expect(answer.broken).toBe(false);
  expect(await stillOverlaps(rotationId)).toBe(true);
  const [asked] = await listBreakGlass(admin, {});
  expect(asked).toMatchObject({ rotationId, state: 'asked', requestedBy: operator.name, refusal: null });
  await confirmBreakGlass(admin, { rotationId, askId: asked?.askId ?? '' });
  expect(await stillOverlaps(rotationId)).toBe(false);
  await advanceUntil(rotationId, ({ outcome }) => outcome === 'completed');
  expect(await actionsOf(rotationId)).toEqual([
    'break_glass.asked',
    'break_glass.confirmed',
    'rotation.hastened',
    'review.opened',
  ]);
});

test('what a pause would keep from being revoked is not told as revoked: asking, confirming and ending the overlap are refused', async () => {
  const rotationId = await inOverlap();
  await breakGlass(operator, { rotationId, reason: 'leak' });
  const [asked] = await listBreakGlass(admin, {});
  await pauseCredential(setup, { credentialId, reason: 'a look at it first' });
  const refused = { status: 409, code: 'paused' };
  const confirming = confirmBreakGlass(admin, { rotationId, askId: asked?.askId ?? '' });
  await expect(confirming).rejects.toMatchObject(refused);
  await expect(breakGlass(admin, { rotationId, reason: 'leak' })).rejects.toMatchObject(refused);
  await expect(revokeNow(admin, { rotationId })).rejects.toMatchObject(refused);
  expect(await stillOverlaps(rotationId)).toBe(true);
  await unpauseCredential(setup, { credentialId });
  await confirmBreakGlass(admin, { rotationId, askId: asked?.askId ?? '' });
  await advanceUntil(rotationId, ({ outcome }) => outcome === 'completed');
});

test('whoever made the API client that asks does not confirm it, may take it back, and is not counted as the second person', async () => {
  const rotationId = await inOverlap();
  const createdBy = { kind: 'user', id: admin.id, name: admin.name };
  const { id } = await db().prisma.apiClient.create({
    data: { name: 'pipeline', role: 'operator', createdBy },
  });
  const stepUpAt = new Date(Date.now() + 30 * 86_400_000);
  const client = { kind: 'api_client', id, name: 'pipeline', role: 'operator', stepUpAt } as const;
  await expect(breakGlass(client, { rotationId, reason: 'leak' })).rejects.toMatchObject({
    code: 'nobody_to_confirm',
  });
  const approver = await person('approver');
  await breakGlass(client, { rotationId, reason: 'leak' });
  const [asked] = await listBreakGlass(admin, {});
  const askId = asked?.askId ?? '';
  expect(asked).toMatchObject({
    isOwn: true,
    refusal: expect.stringContaining('An API client asked for it'),
  });
  await expect(confirmBreakGlass(admin, { rotationId, askId })).rejects.toThrow(/An API client asked for it/);
  expect(await listBreakGlass(approver, {})).toMatchObject([{ isOwn: false, refusal: null }]);
  await refuseBreakGlass(admin, { rotationId, askId, reason: 'it was a test' });
  expect(await listBreakGlass(admin, {})).toEqual([]);
});

test('nobody confirms what they asked for themselves, nor does an API client, an operator, or anybody without a fresh sign-in', async () => {
  const rotationId = await inOverlap();
  const approver = await person('approver');
  await breakGlass(admin, { rotationId, reason: 'leak' });
  const [asked] = await listBreakGlass(admin, {});
  const askId = asked?.askId ?? '';
  expect(asked?.refusal).toMatch(/asked for it yourself/);
  const confirm = (actor: Actor) => confirmBreakGlass(actor, { rotationId, askId });
  await expect(confirm(admin)).rejects.toThrow(/asked for it yourself/);
  await expect(confirm({ ...approver, kind: 'api_client' })).rejects.toThrow(/Only a person/);
  await expect(confirm(operator)).rejects.toMatchObject({ code: 'role_missing' });
  await expect(confirm({ ...approver, stepUpAt: new Date(0) })).rejects.toMatchObject({
    code: 'step_up_required',
  });
  await expect(breakGlass(operator, { rotationId, reason: 'leak' })).rejects.toThrow(/asked for already/);
  expect(await stillOverlaps(rotationId)).toBe(true);
  await confirm(approver);
  expect(await stillOverlaps(rotationId)).toBe(false);
  await expect(confirm(approver)).rejects.toThrow(/decided it already/);
});

test('two people who confirm at the same moment break it once', async () => {
  const rotationId = await inOverlap();
  const approvers = [await person('approver'), await person('approver')];
  await breakGlass(operator, { rotationId, reason: 'leak' });
  const askId = (await listBreakGlass(admin, {}))[0]?.askId ?? '';
  const done = await Promise.allSettled(
    approvers.map((one) => confirmBreakGlass(one, { rotationId, askId })),
  );
  expect(done.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect((await actionsOf(rotationId)).filter((action) => action === 'rotation.hastened')).toHaveLength(1);
});

test('what nobody confirms in half an hour expires and says so, and can be asked for again', async () => {
  const rotationId = await inOverlap();
  await breakGlass(operator, { rotationId, reason: 'leak' });
  const askId = (await listBreakGlass(admin, {}))[0]?.askId ?? '';
  await moveTime(process.env.DATABASE_URL ?? '', '29 minutes');
  await expireBreakGlass();
  expect(await listBreakGlass(admin, {})).toHaveLength(1);
  await moveTime(process.env.DATABASE_URL ?? '', '2 minutes');
  await expect(confirmBreakGlass(admin, { rotationId, askId })).rejects.toThrow(
    /Nobody confirmed it in time/,
  );
  await expireBreakGlass();
  expect(await listBreakGlass(admin, {})).toEqual([]);
  expect((await readRotation(operator, { rotationId })).breakGlass).toMatchObject({ state: 'expired' });
  expect(await stillOverlaps(rotationId)).toBe(true);
  expect((await breakGlass(operator, { rotationId, reason: 'leak' })).broken).toBe(false);
  expect(await actionsOf(rotationId)).toEqual([
    'break_glass.asked',
    'break_glass.expired',
    'break_glass.asked',
  ]);
});

test('a request is refused by a second person or taken back by whoever asked, with a reason, and nothing is revoked', async () => {
  const rotationId = await inOverlap();
  await breakGlass(operator, { rotationId, reason: 'leak' });
  const first = (await listBreakGlass(admin, {}))[0]?.askId ?? '';
  const other = await person('operator');
  await expect(refuseBreakGlass(other, { rotationId, askId: first, reason: 'I think not' })).rejects.toThrow(
    /approver or admin/,
  );
  await refuseBreakGlass(admin, { rotationId, askId: first, reason: 'the overlap ends soon' });
  expect((await readRotation(operator, { rotationId })).breakGlass).toMatchObject({
    state: 'refused',
    refusedBecause: 'the overlap ends soon',
  });
  await breakGlass(operator, { rotationId, reason: 'leak' });
  const second = (await listBreakGlass(admin, {}))[0]?.askId ?? '';
  await refuseBreakGlass(operator, { rotationId, askId: second, reason: 'a mistake' });
  await expect(confirmBreakGlass(admin, { rotationId, askId: second })).rejects.toThrow(/decided it already/);
  expect(await stillOverlaps(rotationId)).toBe(true);
});

test('an admin whom nobody else could confirm it for breaks the glass alone, with the name typed, and the review stays open until its conclusion', async () => {
  const rotationId = await inOverlap();
  expect((await readRotation(admin, { rotationId })).breaksGlassAlone).toBe(true);
  await expect(breakGlass(admin, { rotationId, reason: 'leak' })).rejects.toMatchObject({
    code: 'name_required',
  });
  await expect(breakGlass(admin, { rotationId, reason: 'leak', name: 'another' })).rejects.toMatchObject({
    code: 'name_required',
  });
  expect(await stillOverlaps(rotationId)).toBe(true);
  const answer = await breakGlass(admin, { rotationId, reason: 'leak', name: 'fleet-api' });
  expect(answer).toEqual({ broken: true, until: null });
  await advanceUntil(rotationId, ({ outcome }) => outcome === 'completed');
  const reviews = async () =>
    (await readOverview(admin, {})).attention.filter(({ kind }) => kind === 'review').length;
  expect(await reviews()).toBe(1);
  expect(await listBreakGlass(admin, { credentialId })).toMatchObject([
    { state: 'review_open', confirmedBy: null, refusal: null },
  ]);
  await expect(closeReview(admin, { rotationId, conclusion: ' ' })).rejects.toThrow(/what came of it/);
  const conclusion = 'Nothing stopped; the leak is closed.';
  // One connection is enough: many at once do not wait for each other.
  await withConnections(1, () => closeReview(admin, { rotationId, conclusion }));
  expect(await reviews()).toBe(0);
  await expect(closeReview(admin, { rotationId, conclusion: 'again' })).rejects.toThrow(/no open review/);
  expect(await actionsOf(rotationId)).toEqual(['rotation.hastened', 'review.opened', 'review.closed']);
});

test('whoever broke the glass does not close the review once somebody else is there who could', async () => {
  const rotationId = await inOverlap();
  await breakGlass(admin, { rotationId, reason: 'leak', name: 'fleet-api' });
  const approver = await person('approver');
  await expect(closeReview(admin, { rotationId, conclusion: 'fine' })).rejects.toThrow(
    /somebody else has to close/,
  );
  await closeReview(approver, { rotationId, conclusion: 'looked at' });
  expect(await listBreakGlass(admin, {})).toEqual([]);
});

test('a second person is one whose limits have the credential in them, and who can sign in', async () => {
  const rotationId = await inOverlap();
  const approver = await person('approver');
  const alone = async () => (await readRotation(admin, { rotationId })).breaksGlassAlone;
  expect(await alone()).toBe(false);
  const limit = (environments: string[]) =>
    db().prisma.user.update({ where: { id: approver.id }, data: { environments } });
  await limit(['somewhere else']);
  expect(await alone()).toBe(true);
  await limit([]);
  await db().prisma.user.update({ where: { id: approver.id }, data: { passwordHash: null } });
  expect(await alone()).toBe(true);
});

test('an API client, and an operator, ask; with nobody there to confirm it they are refused', async () => {
  const rotationId = await inOverlap();
  const program: Actor = { ...(await person('operator')), kind: 'api_client', name: 'pipeline' };
  await db().pool.query(`update users set disabled_at = rekey_now() where role = 'admin'`);
  for (const actor of [program, operator]) {
    await expect(breakGlass(actor, { rotationId, reason: 'leak' })).rejects.toMatchObject({
      code: 'nobody_to_confirm',
    });
  }
  await db().pool.query(`update users set disabled_at = null where role = 'admin'`);
  expect((await breakGlass(program, { rotationId, reason: 'leak' })).broken).toBe(false);
});

test('people are notified of it as of an approval, once', async () => {
  const { id } = await addNotifier(setup, {
    name: 'Chat',
    kind: 'webhook',
    config: {
      url: 'http://127.0.0.1:9/hook',
      signingSecret: `whsec_${Buffer.alloc(24, 7).toString('base64')}`,
    },
    notices: ['approval_wanted'],
  });
  const rotationId = await inOverlap();
  await breakGlass(operator, { rotationId, reason: 'leak' });
  await gatherNotices();
  await gatherNotices();
  const told = await db().prisma.notification.findMany({ where: { notifierId: id } });
  expect(told.map(({ title, path }) => ({ title, path }))).toEqual([
    { title: 'Breaking the glass for fleet-api waits for a second person', path: '/approvals' },
  ]);
});
