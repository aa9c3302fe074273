import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Actor } from '#core/access/actor.ts';
import { faultOfProof } from '#core/audit/inclusion.ts';
import { pauseCredential } from '#core/credentials/pause-credential.ts';
import { unpauseCredential } from '#core/credentials/unpause-credential.ts';
import { bundleEvidence } from '#core/evidence/bundle-evidence.ts';
import { escapeHtml, reportOf } from '#core/evidence/report.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { advanceUntil, type Sample, startSample } from '#tests/support/sample.ts';
import { auditBodies } from '#tests/support/users.ts';

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
