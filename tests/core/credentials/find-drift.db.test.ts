import fs from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { ConnectorError } from '#connectors/contract.ts';
import { targetConnector } from '#connectors/registry.ts';
import { system } from '#core/access/actor.ts';
import { loadRestored } from '#core/backup/load-restored.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { findDrift } from '#core/credentials/find-drift.ts';
import { loadComparable } from '#core/credentials/load-comparable.ts';
import { claim } from '#core/rotation/commit-step.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { type Client, importClient } from '#tests/support/client.ts';
import { moveTime } from '#tests/support/database.ts';
import { advanceThroughRetries, type Sample, startSample } from '#tests/support/sample.ts';

let sample: Sample;
let client: Client;
const actor = system('test');
const later = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);

beforeAll(async () => {
  sample = await startSample();
  client = await importClient(sample, 'two-slots', { files: 2 });
});
afterAll(() => sample.close());
beforeEach(() => db().pool.query(`update rotations set outcome = 'cancelled' where outcome is null`));

const rewrite = (file: string | undefined, value: string) =>
  fs.writeFileSync(
    file ?? '',
    fs.readFileSync(file ?? '', 'utf8').replace(/^SECRET=.*$/m, `SECRET=${value}`),
  );

const issueAtVendor = async (body: object) => {
  const answer = await fetch(`${sample.places.surfacescout}/admin/clients/two-slots/secrets`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${sample.places.adminToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  return ((await answer.json()) as { id: string }).id;
};

const openFindings = () =>
  db().prisma.finding.findMany({ where: { credentialId: client.credentialId, clearedAt: null } });
const events = (action: string) =>
  db().prisma.auditEvent.count({ where: { credentialId: client.credentialId, action } });

test('a target that holds an older version of ours is given the current one again, and the audit says so', async () => {
  const old = client.valueIn(client.files[0]) ?? '';
  const { rotationId } = await requestRotation(actor, {
    credentialId: client.credentialId,
    graceSeconds: 0,
  });
  await advanceThroughRetries(rotationId);
  const current = client.valueIn(client.files[0]);
  rewrite(client.files[0], old);
  await later('11 minutes');
  await findDrift(20);
  expect(client.valueIn(client.files[0])).toBe(current);
  expect([await events('drift.found'), await events('drift.cleared')]).toEqual([1, 1]);
  expect(await openFindings()).toEqual([]);
});

test('however many versions were discarded since, a target is compared with the current one', async () => {
  const { credentialId } = client;
  const [current, old] = await db().prisma.secretVersion.findMany({
    where: { credentialId },
    orderBy: { n: 'desc' },
    take: 2,
  });
  if (current === undefined || old === undefined) throw new Error('There are no two versions.');
  await db().prisma.secretVersion.createMany({
    data: Array.from({ length: 5 }, (_, n) => ({
      ...{ id: newId(), credentialId, n: 100 + n, state: 'discarded', sealed: old.sealed },
      fingerprint: newId(),
    })),
  });
  const compared = await loadComparable(credentialId);
  expect(compared?.current.id).toBe(current.id);
  expect((await loadRestored(credentialId))?.current?.id).toBe(current.id);
  expect(compared?.versions.map(({ n }) => n)).toEqual([104, 103, 102, 101, 100, current.n]);
  await db().prisma.secretVersion.deleteMany({ where: { credentialId, n: { gte: 100 } } });
});

test('a value that is none of ours is noted and left alone, and the note goes when the value is gone', async () => {
  const current = client.valueIn(client.files[1]) ?? '';
  rewrite(client.files[1], 'somebody-else-wrote-this');
  await later('11 minutes');
  await findDrift(20);
  expect(client.valueIn(client.files[1])).toBe('somebody-else-wrote-this');
  expect(await openFindings()).toMatchObject([{ kind: 'foreign_value' }]);
  rewrite(client.files[1], current);
  await later('11 minutes');
  await findDrift(20);
  expect(await openFindings()).toEqual([]);
});

test('a target that cannot tell what it holds is not said to hold a value of others', async () => {
  const confirm = vi.spyOn(targetConnector('dotenv'), 'confirm').mockResolvedValue('unknown');
  await later('11 minutes');
  await findDrift(20);
  expect(confirm).toHaveBeenCalled();
  expect(await openFindings()).toEqual([]);
  confirm.mockRestore();
});

test('a secret with our tag that no version knows is removed after an hour, and one without it never', async () => {
  const ended = await db().prisma.rotation.findFirstOrThrow({
    where: { credentialId: client.credentialId, outcome: 'completed' },
  });
  const orphan = await issueAtVendor({ tag: ended.id });
  await later('11 minutes');
  await findDrift(20);
  expect((await client.live()).map(({ id }) => id)).toContain(orphan);
  await later('1 hour');
  await findDrift(20);
  expect((await client.live()).map(({ id }) => id)).not.toContain(orphan);
  expect(await events('orphan.removed')).toBe(1);
  const foreign = await issueAtVendor({ tag: newId() });
  await later('2 hours');
  await findDrift(20);
  expect((await client.live()).map(({ id }) => id)).toContain(foreign);
  expect(await openFindings()).toMatchObject([{ kind: 'unknown_secret' }]);
});

test('a credential with an open rotation is not compared, and none is claimed while a target is healed', async () => {
  const { rotationId } = await requestRotation(actor, { credentialId: client.credentialId });
  await later('11 minutes');
  const compared = await findDrift(100);
  const due = await db().prisma.credential.findUniqueOrThrow({ where: { id: client.credentialId } });
  expect(compared).toBeGreaterThan(0);
  expect((await db().prisma.credential.findMany({ where: { driftAt: null } })).length).toBe(0);
  await db().pool.query(
    `update credentials set healing_until = rekey_now() + interval '15 seconds' where id = $1`,
    [due.id],
  );
  expect(await claim(rotationId)).toBeNull();
  await later('16 seconds');
  expect(await claim(rotationId)).not.toBeNull();
});

test('a worker that is told to stop ends with the target that it compares', async () => {
  const confirm = vi.spyOn(targetConnector('dotenv'), 'confirm');
  await later('11 minutes');
  await findDrift(100, () => confirm.mock.calls.length > 0);
  expect(confirm).toHaveBeenCalledTimes(1);
  confirm.mockRestore();
});

/** A credential that was rotated once, at an env file and a webhook receiver whose application uses NEXT. */
async function withNext() {
  const prestaged = await importClient(sample, 'single-chosen', { files: 1, readsNext: true });
  const { credentialId, files } = prestaged;
  const { id: targetId } = await db().prisma.target.findFirstOrThrow({ where: { kind: 'webhook' } });
  const fields = { clientSecret: 'HOOKED' };
  await db().prisma.binding.updateMany({ where: { targetId }, data: { archivedAt: new Date() } });
  const { id: hooked } = await bindTarget(actor, { credentialId, targetId, place: {}, fields });
  await db().prisma.binding.update({ where: { id: hooked }, data: { readsNext: true } });
  const old = prestaged.valueIn(files[0]) ?? '';
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  const first = await db().prisma.secretVersion.findFirstOrThrow({ where: { credentialId, n: 1 } });
  const received = sample.received;
  const told = async () =>
    (
      await db().prisma.auditEvent.findMany({
        where: { credentialId, action: { startsWith: 'drift.' } },
        orderBy: { id: 'asc' },
      })
    ).map(({ action }) => action);
  const noted = () => db().prisma.finding.findMany({ where: { credentialId, clearedAt: null } });
  const leave = (value: string, versionId: string) => {
    fs.appendFileSync(files[0] ?? '', `SECRET_NEXT=${value}\n`);
    sample.receivedNext = { versionId, entries: { HOOKED: value } };
  };
  const next = () => [prestaged.valueIn(files[0], 'SECRET_NEXT'), sample.receivedNext];
  const primary = () => [prestaged.valueIn(files[0]), sample.received];
  return { old, first, told, noted, leave, next, primary, before: [prestaged.valueIn(files[0]), received] };
}

test('a version of ours that was left in NEXT is taken out of an env file and a webhook receiver, and the audit says so', async () => {
  const { old, first, told, noted, leave, next, primary, before } = await withNext();
  leave(old, first.id);
  await later('11 minutes');
  await findDrift(100);
  expect(next()).toEqual([null, null]);
  expect(primary()).toEqual(before);
  expect(await told()).toEqual(['drift.found', 'drift.cleared', 'drift.found', 'drift.cleared']);
  expect(await noted()).toEqual([]);
});

test('a value in NEXT that is none of ours is noted and left alone, and the note goes when the value is gone', async () => {
  const { told, noted, leave, next } = await withNext();
  leave('somebody-else-wrote-this', newId());
  const left = next();
  await later('11 minutes');
  await findDrift(100);
  expect(next()).toEqual(left);
  expect(await told()).toEqual([]);
  expect(await noted()).toMatchObject([{ kind: 'foreign_value' }, { kind: 'foreign_value' }]);
  sample.receivedNext = null;
  await later('11 minutes');
  await findDrift(100);
  expect(await noted()).toMatchObject([{ detail: expect.stringContaining('as NEXT') }]);
});

async function rotate({ credentialId }: Client) {
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
}

/** A target with a version before the current one, and what is done once it has told so. */
async function oldVersionThen(one: Client, what: () => Promise<unknown>) {
  const old = one.valueIn(one.files[0]) ?? '';
  await rotate(one);
  rewrite(one.files[0], old);
  await later('11 minutes');
  const connector = targetConnector('dotenv');
  const confirm = connector.confirm.bind(connector);
  let isDone = false;
  vi.spyOn(connector, 'confirm').mockImplementation(async (call, entries, slot) => {
    const held = await confirm(call, entries, slot);
    if (!isDone && held === 'live' && Object.values(entries).some((value) => value.expose() === old)) {
      isDone = true;
      await what();
    }
    return held;
  });
  await findDrift(100);
  vi.restoreAllMocks();
  expect(isDone).toBe(true);
  return old;
}

test('a rotation that ends while targets are compared is not undone by healing one of them', async () => {
  const one = await importClient(sample, 'single-listed', { files: 2 });
  await oldVersionThen(one, () => rotate(one));
  const inUse = one.valueIn(one.files[0]);
  expect(inUse).toBe(one.valueIn(one.files[1]));
  expect(await one.accepts(inUse)).toBe(true);
});

test('a worker that was frozen while it reserved a target heals it no more', async () => {
  const one = await importClient(sample, 'single-listed', { files: 2 });
  const real = Date.now;
  const old = await oldVersionThen(one, async () => {
    const begun = real();
    let calls = 0;
    // The clock on the wall goes on while a process is frozen: by the second look an hour has passed.
    vi.spyOn(Date, 'now').mockImplementation(() => {
      calls += 1;
      return calls === 1 ? begun : real() + 3_600_000;
    });
  });
  expect(one.valueIn(one.files[0])).toBe(old);
  await later('11 minutes');
  await findDrift(100);
  expect(one.valueIn(one.files[0])).toBe(one.valueIn(one.files[1]));
});

test('a healing that came late does not end the reservation of the one that heals now', async () => {
  const { credentialId, valueIn, files } = await importClient(sample, 'single-listed');
  const old = valueIn(files[0]) ?? '';
  const { rotationId } = await requestRotation(actor, { credentialId, graceSeconds: 0 });
  expect(await advanceThroughRetries(rotationId)).toMatchObject({ outcome: 'completed' });
  const isReserved = async () =>
    (await db().prisma.credential.findUniqueOrThrow({ where: { id: credentialId } })).healingUntil !== null;
  const connector = targetConnector('dotenv');
  const deliver = connector.deliver.bind(connector);
  const healing = vi.spyOn(connector, 'deliver').mockImplementationOnce(async (...args) => {
    await deliver(...args);
    // Its own reservation is over meanwhile, and another worker has one.
    await db().pool.query(
      `update credentials set healing_until = healing_until + interval '40 seconds' where id = $1`,
      [credentialId],
    );
  });
  rewrite(files[0], old);
  await later('11 minutes');
  await findDrift(100);
  expect(healing).toHaveBeenCalled();
  expect(await isReserved()).toBe(true);
  healing.mockRestore();
  await later('2 minutes');
  rewrite(files[0], old);
  await later('11 minutes');
  await findDrift(100);
  expect(valueIn(files[0])).not.toBe(old);
  expect(await isReserved()).toBe(false);
});

test('a target that takes up a value only when it is told is told so after it was healed; until then a finding says that it was not', async () => {
  const one = await importClient(sample, 'single-listed');
  const dotenv = targetConnector('dotenv');
  const old = one.valueIn(one.files[0]) ?? '';
  await rotate(one);
  const current = one.valueIn(one.files[0]);
  rewrite(one.files[0], old);
  vi.spyOn(dotenv, 'can').mockReturnValue({ ...dotenv.can({}, {}), redeploy: 'call' });
  const restart = vi.fn().mockRejectedValueOnce(new ConnectorError('It does not answer.', 'later'));
  dotenv.redeploy = restart.mockResolvedValue('run-1');
  const noted = () =>
    db().prisma.finding.findMany({ where: { credentialId: one.credentialId, clearedAt: null } });
  await later('11 minutes');
  await findDrift(100);
  expect(one.valueIn(one.files[0])).toBe(current);
  expect(await noted()).toMatchObject([
    { kind: 'not_restarted', detail: expect.stringContaining('has not been restarted') },
  ]);
  await later('11 minutes');
  await findDrift(100);
  expect(await noted()).toEqual([]);
  expect(restart).toHaveBeenCalledTimes(2);
  await later('11 minutes');
  await findDrift(100);
  expect(restart).toHaveBeenCalledTimes(2);
  delete dotenv.redeploy;
  vi.restoreAllMocks();
});
