import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Actor, Role } from '#core/access/actor.ts';
import { signBundle } from '#core/audit/bundle-signature.ts';
import { faultOfProof } from '#core/audit/inclusion.ts';
import { auditKey, keyFromSeed } from '#core/audit/signing-key.ts';
import { pauseCredential } from '#core/credentials/pause-credential.ts';
import { unpauseCredential } from '#core/credentials/unpause-credential.ts';
import { bundleEvidence } from '#core/evidence/bundle-evidence.ts';
import { checkBundle } from '#core/evidence/check-bundle.ts';
import { detachEvents, planDetachment } from '#core/evidence/detach-events.ts';
import { escapeHtml, reportOf } from '#core/evidence/report.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { breakGlass } from '#core/rotation/break-glass.ts';
import { closeReview } from '#core/rotation/close-review.ts';
import { confirmBreakGlass } from '#core/rotation/confirm-break-glass.ts';
import { listBreakGlass } from '#core/rotation/list-break-glass.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db, openDatabase } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { scratchFolder } from '#tests/support/folder.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';
import { auditBodies, makeUser } from '#tests/support/users.ts';

let sample: Sample;
const operator: Actor = { kind: 'user', id: 'o1', name: 'Olga', role: 'operator', stepUpAt: new Date() };
const auditor: Actor = { kind: 'user', id: 'a1', name: 'Ada <b>', role: 'auditor', stepUpAt: new Date() };
const reason = '<script>alert("leak")</script> & more';
let credentialId = '';
let rotationId = '';

beforeAll(async () => {
  sample = await startSample();
  credentialId = await sample.credentialId('fleet-api');
  ({ rotationId } = await requestRotation(operator, { credentialId, graceSeconds: 0, reason }));
  await advanceUntil(rotationId, (row) => row.outcome !== null);
});
afterAll(() => sample.close());

/** The files of a .zip whose files are stored as they are, read by its directory; each against its CRC-32. */
function unzip(zip: Buffer): Map<string, Buffer> {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const files = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let n = 0; n < zip.readUInt16LE(end + 10); n += 1) {
    const [size, nameLength] = [zip.readUInt32LE(at + 24), zip.readUInt16LE(at + 28)];
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const content = zip.subarray(start, start + size);
    expect(zip.readUInt16LE(at + 10), `${name} is stored`).toBe(0);
    expect(crc32(content), `CRC of ${name}`).toBe(zip.readUInt32LE(at + 16));
    files.set(name, content);
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}

async function bundle(input: Parameters<typeof bundleEvidence>[1]) {
  const { parts } = await bundleEvidence(auditor, input);
  const chunks: Uint8Array[] = [];
  for await (const part of parts) chunks.push(Buffer.from(part));
  const files = unzip(Buffer.concat(chunks));
  const text = (name: string) => files.get(name)?.toString('utf8') ?? '';
  return {
    files,
    text,
    manifest: JSON.parse(text('manifest.json')),
    lines: text('events.jsonl').trimEnd().split('\n'),
  };
}

test('a bundle has every event of the rotation with its body byte for byte and its leaf hash', async () => {
  const { lines, manifest } = await bundle({ rotationId });
  const { rows } = await db().pool.query<{ id: string; body: string }>(
    'select id, body from audit_events where rotation_id = $1 order by at desc, id desc',
    [rotationId],
  );
  expect(rows.length).toBeGreaterThan(5);
  expect(lines.map((line) => line.slice(line.indexOf('"body":') + 7, -1))).toEqual(
    rows.map(({ body }) => body),
  );
  for (const line of lines) {
    const body = line.slice(line.indexOf('"body":') + 7, -1);
    expect(JSON.parse(line).leaf).toBe(createHash('sha256').update('\0').update(body).digest('hex'));
  }
  expect(manifest.counts).toEqual({ events: rows.length, rotations: 1 });
});

test('a bundle proves each sealed event by what is in it, and leaves out what is not sealed yet', async () => {
  await sealEvents();
  const { lines, text } = await bundle({ rotationId });
  const proofs = text('proofs.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const bodyOf = new Map(
    lines.map((line) => [JSON.parse(line).id, line.slice(line.indexOf('"body":') + 7, -1)]),
  );
  expect(proofs.map(({ eventId }) => eventId)).toEqual([...bodyOf.keys()]);
  const faults = (bodies: (id: string) => string) =>
    proofs.map((proof) => faultOfProof({ ...proof, body: bodies(proof.eventId) }));
  expect(new Set(faults((id) => bodyOf.get(id) ?? ''))).toEqual(new Set([null]));
  expect(faults((id) => `${bodyOf.get(id)} `)).not.toContain(null);
  await pauseCredential(operator, { credentialId, reason: 'sample' });
  const { text: later } = await bundle({ credentialId });
  expect(later('events.jsonl').split('\n').length).toBeGreaterThan(later('proofs.jsonl').split('\n').length);
  await unpauseCredential(operator, { credentialId });
});

test('the manifest names each other file with its size and SHA-256, who made it, and what was asked for', async () => {
  const { files, manifest } = await bundle({ rotationId });
  expect([...files.keys()]).toEqual([
    'README.txt',
    'report.html',
    'events.jsonl',
    'proofs.jsonl',
    'manifest.json',
    'signature.json',
  ]);
  for (const { name, bytes, sha256 } of manifest.files) {
    const content = files.get(name) ?? Buffer.alloc(0);
    expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([bytes, sha256]);
  }
  expect(manifest.files).toHaveLength(4);
  expect(manifest).toMatchObject({
    product: 'rekey',
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    madeBy: { id: 'a1', name: 'Ada <b>' },
    query: `rotation:${rotationId}`,
    credential: 'fleet-api',
  });
});

/** Unpacks a bundle of the credential to a folder of its own. */
async function unpacked(): Promise<string> {
  await sealEvents();
  const { files } = await bundle({ credentialId, created: '2020-01-01..' });
  const folder = scratchFolder();
  for (const [name, content] of files) fs.writeFileSync(path.join(folder, name), content);
  return folder;
}

interface Sums {
  counts: { events: number };
  files: { name: string; bytes: number; sha256: string }[];
}

/** A file of an unpacked bundle, changed. */
function change(folder: string, name: string, to: (text: string) => string): void {
  const file = path.join(folder, name);
  const before = fs.readFileSync(file, 'utf8');
  const after = to(before);
  expect(after).not.toBe(before);
  fs.writeFileSync(file, after);
}

/** Makes the manifest fit what is in the folder, as whoever changed it could. */
function refit(folder: string, events?: number): string {
  change(folder, 'manifest.json', (text) => {
    const manifest = JSON.parse(text) as Sums;
    for (const one of manifest.files) {
      const content = fs.readFileSync(path.join(folder, one.name));
      one.bytes = content.length;
      one.sha256 = createHash('sha256').update(content).digest('hex');
    }
    if (events !== undefined) manifest.counts.events = events;
    return JSON.stringify(manifest, null, 2);
  });
  return fs.readFileSync(path.join(folder, 'manifest.json'), 'utf8');
}

const withoutLine = (n: number) => (text: string) =>
  text
    .split('\n')
    .flatMap((line, at) => (at === n ? [] : [line]))
    .join('\n');

test('an unpacked bundle of a credential and a time is checked by what is in it: as it was made it fits', async () => {
  const found = await checkBundle(await unpacked());
  expect(found).toMatchObject({ fault: null, keyId: auditKey().id, sealedBy: [auditKey().id] });
  expect(found.events).toBeGreaterThan(5);
  expect(found.proven).toBe(found.events);
});

test('an event that is committed while a bundle is written is in both of its files or in none', async () => {
  await sealEvents();
  const late = await db().pool.connect();
  await late.query('begin');
  await late.query(`select record_event($1::jsonb)`, [
    JSON.stringify({
      ...{ action: 'credential.paused', outcome: 'success', credentialId, credential: 'fleet-api' },
      actor: { kind: 'system', id: null, name: 'late' },
    }),
  ]);
  // What is newer than it is there already, so the bundle reaches beyond it.
  await pauseCredential(operator, { credentialId, reason: 'sample' });
  await unpauseCredential(operator, { credentialId });
  const { parts } = await bundleEvidence(auditor, { credentialId });
  const { pool } = db();
  const real = pool.query.bind(pool) as (...asked: unknown[]) => Promise<unknown>;
  let reads = 0;
  const reading = vi.spyOn(pool, 'query').mockImplementation((async (...asked: unknown[]) => {
    // The events are read for events.jsonl first, and for proofs.jsonl then.
    if (JSON.stringify(asked[0]).includes('audit_events e')) reads += 1;
    if (reads === 2) {
      reads += 1;
      await late.query('commit');
      reading.mockRestore();
      await sealEvents();
    }
    return real(...asked);
  }) as never);
  const chunks: Uint8Array[] = [];
  for await (const part of parts) chunks.push(Buffer.from(part));
  late.release();
  expect(reads).toBe(3);
  const folder = scratchFolder();
  for (const [name, content] of unzip(Buffer.concat(chunks)))
    fs.writeFileSync(path.join(folder, name), content);
  expect(fs.readFileSync(path.join(folder, 'events.jsonl'), 'utf8')).not.toContain('"late"');
  expect(await checkBundle(folder)).toMatchObject({ fault: null });
});

const edits: Record<string, { says: RegExp; edit: (folder: string) => void }> = {
  'a word of the report': {
    says: /^report\.html was altered$/,
    edit: (folder) => change(folder, 'report.html', (text) => text.replace('Olga', 'Anna')),
  },
  'the body of an event': {
    says: /^events\.jsonl was altered$/,
    edit: (folder) => change(folder, 'events.jsonl', (text) => text.replace('Olga', 'Anna')),
  },
  'an event left out': {
    says: /^events\.jsonl was altered$/,
    edit: (folder) => change(folder, 'events.jsonl', withoutLine(1)),
  },
  'a proof left out': {
    says: /^proofs\.jsonl was altered$/,
    edit: (folder) => change(folder, 'proofs.jsonl', withoutLine(1)),
  },
  'a file removed': {
    says: /^report\.html is missing$/,
    edit: (folder) => fs.rmSync(path.join(folder, 'report.html')),
  },
  'a file added': {
    says: /^annex\.html is none of the files that the manifest names$/,
    edit: (folder) => fs.writeFileSync(path.join(folder, 'annex.html'), 'All was well.'),
  },
  'who it was made by': {
    says: /^the signature does not fit/,
    edit: (folder) => change(folder, 'manifest.json', (text) => text.replace('Ada <b>', 'Eve')),
  },
  'the report, and the manifest made to fit': {
    says: /^the signature does not fit/,
    edit: (folder) => {
      change(folder, 'report.html', (text) => text.replace('Olga', 'Anna'));
      refit(folder);
    },
  },
  'the signature taken out': {
    says: /^it is not signed/,
    edit: (folder) => fs.rmSync(path.join(folder, 'signature.json')),
  },
  'the key under the id of another': {
    says: /^the signature does not fit/,
    edit: (folder) => {
      const made = signBundle(fs.readFileSync(path.join(folder, 'manifest.json'), 'utf8'), stranger);
      const signature = JSON.stringify({ ...made, keyId: auditKey().id });
      fs.writeFileSync(path.join(folder, 'signature.json'), signature);
    },
  },
};
const stranger = keyFromSeed(Buffer.alloc(32, 77));

test.each(Object.entries(edits))(
  'an edit of a bundle is found and named: %s',
  async (_what, { says, edit }) => {
    const folder = await unpacked();
    edit(folder);
    expect((await checkBundle(folder)).fault).toMatch(says);
  },
);

test('whoever has the audit key and makes a bundle of other events is found by the proofs', async () => {
  const sign = (folder: string, events?: number) => {
    const signature = JSON.stringify(signBundle(refit(folder, events), auditKey()));
    fs.writeFileSync(path.join(folder, 'signature.json'), signature);
  };
  const altered = await unpacked();
  change(altered, 'events.jsonl', (text) => text.replace('"Olga"', '"Anna"'));
  sign(altered);
  expect((await checkBundle(altered)).fault).toMatch(/^the body of event \d+ was altered$/);
  change(altered, 'events.jsonl', (text) =>
    text.replaceAll(/"leaf":"\w+","body":(.*)\}$/gm, (_line, body: string) => {
      const leaf = createHash('sha256').update('\0').update(body).digest('hex');
      return `"leaf":"${leaf}","body":${body}}`;
    }),
  );
  sign(altered);
  expect((await checkBundle(altered)).fault).toMatch(
    /^event \d+ is not proven: the body and its path do not lead/,
  );
  const shorter = await unpacked();
  change(shorter, 'events.jsonl', withoutLine(1));
  sign(shorter);
  expect((await checkBundle(shorter)).fault).toMatch(/^the event \d+ of a proof is missing$/);
  for (const line of ['{"eventId":7}', 'no JSON']) {
    const odd = await unpacked();
    change(odd, 'proofs.jsonl', (text) => text.replace(/^.*\n/, `${line}\n`));
    sign(odd);
    expect((await checkBundle(odd)).fault).toBe('line 1 of proofs.jsonl is no proof');
  }
});

test('the command checks a bundle without an environment, and refuses one that another key has signed', async () => {
  const folder = await unpacked();
  const check = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['cli/rekey.mjs', 'audit', 'check', ...args], {
      env: { NODE_ENV: 'test', PATH: process.env.PATH ?? '', REKEY_DATA_DIR: scratchFolder() },
    }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stdout, stderr }) => ({ code, said: stdout + stderr }),
    );
  const { id } = auditKey();
  const bare = await check(folder);
  expect(bare).toMatchObject({
    code: 0,
    said: expect.stringMatching(/^Checked \d+ events: everything is as it was/),
  });
  expect(bare.said).toContain(`Signed with the key ${id}. Whoever has any key can make a bundle`);
  expect(await check(folder, '--key', id)).toMatchObject({
    code: 0,
    said: expect.not.stringContaining('Whoever'),
  });
  const manifest = fs.readFileSync(path.join(folder, 'manifest.json'), 'utf8');
  fs.writeFileSync(path.join(folder, 'signature.json'), JSON.stringify(signBundle(manifest, stranger)));
  expect(await check(folder, '--key', id)).toMatchObject({
    code: 1,
    said: expect.stringContaining(`WRONG: it is signed with the key ${stranger.id}, and not with ${id}.`),
  });
  const zip = path.join(scratchFolder(), 'bundle.zip');
  fs.writeFileSync(zip, 'PK\x03\x04');
  expect(await check(zip)).toMatchObject({
    code: 1,
    said: expect.stringContaining('Unpack it, and check the folder'),
  });
});

test('the report tells who asked, why, how, and what each version is, and runs nothing that it tells', async () => {
  const { text } = await bundle({ rotationId });
  const report = text('report.html');
  for (const told of ['Olga', 'overlap', 'completed', 'Gap predicted', 'Gap measured', 'Ada &lt;b&gt;']) {
    expect(report).toContain(told);
  }
  expect(report).toContain(escapeHtml(reason));
  expect(report).not.toMatch(/<script|javascript:|\son\w+=|https?:/i);
  expect(report).toContain("default-src 'none'");
  expect(report).toContain('@media print');
  const { rows } = await db().pool.query<{ fingerprint: string }>(
    'select left(fingerprint, 12) as fingerprint from secret_versions where credential_id = $1',
    [credentialId],
  );
  expect(rows).toHaveLength(2);
  for (const { fingerprint } of rows) expect(report).toContain(fingerprint);
});

test('a bundle for a credential and a time has the rotations that were open in it, and none of another time', async () => {
  const today = (await bundle({ credentialId })).manifest.madeAt.slice(0, 10);
  const within = await bundle({ credentialId, created: `${today}..${today}` });
  expect(within.manifest).toMatchObject({
    counts: { rotations: 1 },
    query: `credential:${credentialId} created:${today}..${today}`,
    range: { from: `${today}T00:00:00.000Z` },
  });
  expect(within.text('events.jsonl')).toContain('"credential.created"');
  const before = await bundle({ credentialId, created: '..2020-01-01' });
  expect(before.manifest.counts).toEqual({ events: 0, rotations: 0 });
  expect(before.text('report.html')).toContain('No rotation in this time.');
});

test('no value of a secret is in a bundle', async () => {
  const { files } = await bundle({ credentialId });
  const all = Buffer.concat([...files.values()]).toString('utf8');
  expect(all).toContain('fleet-api');
  expect(all).not.toContain(sample.secretInFile('fleet-api'));
});

test('a bundle is told as an export with its question and count, and what is not there is not found', async () => {
  const { lines } = await bundle({ rotationId });
  expect((await auditBodies('audit.exported')).at(-1)).toMatchObject({
    ...{ query: `rotation:${rotationId}`, format: 'bundle', outcome: 'success', count: lines.length },
  });
  const nobody = '00000000-0000-4000-8000-000000000000';
  await expect(bundle({ rotationId: nobody })).rejects.toMatchObject({ status: 404 });
  await expect(bundle({ credentialId: nobody })).rejects.toMatchObject({ status: 404 });
  await expect(bundle({ credentialId, created: 'soon' })).rejects.toMatchObject({ code: 'bad_range' });
  await expect(bundleEvidence(operator, { rotationId })).rejects.toMatchObject({ code: 'role_missing' });
});

test('a report names what was out of the ordinary', () => {
  const rotation = {
    ...{
      id: 'r',
      strategy: 'cut-over',
      priority: 'manual',
      requestedBy: 'Olga',
      reason: null,
      graceSeconds: 0,
    },
    ...{ requestedAt: '2026-11-01T00:00:00.000Z', endedAt: null, outcome: null, hold: 'target_unhealthy' },
    ...{
      predictedGapSeconds: 4,
      measuredGapSeconds: 7.5,
      approvalsNeeded: 2,
      fromVersion: 1,
      toVersion: null,
    },
    approvals: [{ name: 'Anton', at: '2026-11-01T00:01:00.000Z' }],
    detached: [],
    exceptions: [
      { at: '2026-11-01T00:02:00.000Z', actor: 'worker', action: 'step.failed', what: 'It said 503.' },
    ],
  };
  const heading = { query: 'q', range: 'r', madeAt: 'now', madeBy: 'Ada', version: '1.0.0' };
  const skips = [{ slot: '2026-11-02T00:00:00.000Z', reason: 'window_missed' }];
  const report = reportOf(heading, {
    credential: 'c',
    issuer: 'i',
    rotations: [rotation],
    versions: [],
    skips,
    detached: [],
  });
  for (const told of [
    'It said 503.',
    '7.5 s',
    '1 of 2: Anton',
    'held: target unhealthy',
    'window missed',
    'no reason given',
  ]) {
    expect(report).toContain(told);
  }
});

/** A user who can sign in, and has proven a moment ago who they are. */
async function person(role: Role): Promise<Actor> {
  const { id, email } = await makeUser(role);
  return { kind: 'user', id, name: email, role, stepUpAt: new Date(Date.now() + 86_400_000) };
}

test('a report tells that the glass was broken, who asked and confirmed, or that it was one alone, and how it was reviewed', async () => {
  const [asking, admin] = [await person('operator'), await person('admin')];
  const overlap = async () => {
    const { rotationId: id } = await requestRotation(operator, {
      credentialId,
      graceSeconds: 86_400,
      reason,
    });
    await advanceUntil(id, ({ phase }) => phase === 'overlap');
    return id;
  };
  const told = async (id: string) => {
    await advanceUntil(id, ({ outcome }) => outcome !== null);
    return (await bundle({ rotationId: id })).text('report.html');
  };
  const row = (actor: Actor, action: string, what: string) =>
    `<td>${actor.name}</td><td>${action}</td><td>${what}</td>`;
  const two = await overlap();
  await breakGlass(asking, { rotationId: two, reason: 'It was posted.' });
  const askId = (await listBreakGlass(admin, {}))[0]?.askId ?? '';
  await confirmBreakGlass(admin, { rotationId: two, askId });
  await closeReview(admin, { rotationId: two, conclusion: 'The post is gone.' });
  const report = await told(two);
  expect(report).toContain(row(asking, 'break_glass.asked', 'Reason: It was posted.'));
  expect(report).toContain(row(admin, 'break_glass.confirmed', `Asked for by ${asking.name}.`));
  expect(report).toContain(row(admin, 'rotation.hastened', 'The glass was broken. Reason: It was posted.'));
  expect(report).toContain(row(admin, 'review.closed', 'The post is gone.'));
  const one = await overlap();
  await breakGlass(admin, { rotationId: one, reason: 'A leak.', name: 'fleet-api' });
  expect(await told(one)).toContain(
    row(admin, 'rotation.hastened', 'The glass was broken, alone. Reason: A leak.'),
  );
});

// The last one: it moves the time, and takes events away.
test('a report of a rotation whose events were detached names the archive, and says nothing of what was in it', async () => {
  const url = new URL(process.env.DATABASE_URL ?? '');
  expect((await bundle({ rotationId })).manifest.detached).toEqual([]);
  expect((await bundle({ rotationId })).text('report.html')).toContain('No exception: ');
  await sealEvents();
  await moveTime(url.toString(), '40 days');
  url.username = 'rekey_owner';
  const owner = openDatabase(url.toString(), 2);
  const { rows } = await owner.pool.query<{ month: string }>(
    `select to_char(rekey_now() at time zone 'UTC', 'YYYY-MM') as month`,
  );
  const plan = await planDetachment(owner, rows[0]?.month ?? '');
  if (plan === null) throw new Error('There is nothing to detach.');
  const file = path.join(scratchFolder(), 'archive.jsonl');
  const told = { kind: 'system' as const, id: null, name: 'test' };
  const { archive } = await detachEvents(owner, plan, { file, actor: told, by: 'anna@ops-1' });
  await owner.close();
  for (const asked of [{ rotationId }, { credentialId }]) {
    const { text, manifest } = await bundle(asked);
    const report = text('report.html');
    expect(report).not.toContain('No exception');
    expect(report).toContain(
      `(archive SHA-256 ${archive}): exceptions of that time are not listed. Of later there is none.`,
    );
    const { firstSeq, lastSeq } = plan;
    expect(manifest.detached).toMatchObject([{ firstSeq, lastSeq, archive, by: 'anna@ops-1' }]);
  }
  const { rotationId: later } = await requestRotation(operator, { credentialId, graceSeconds: 0, reason });
  await advanceUntil(later, (row) => row.outcome !== null);
  const after = await bundle({ rotationId: later });
  expect(after.manifest.detached).toEqual([]);
  expect(after.text('report.html')).toContain('No exception: ');
});
