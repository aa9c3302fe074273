import { expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { faultOfProof, type InclusionProof } from '#core/audit/inclusion.ts';
import { auditKey, keyFromSeed } from '#core/audit/signing-key.ts';
import { readInclusionProof } from '#core/evidence/read-inclusion-proof.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { add, leaves } from '#tests/core/evidence/trail.ts';

const proofOf = (eventId: string) => readInclusionProof(system('test'), { eventId });

test('every sealed event has a proof that holds without the database, also in batches of one and of many', async () => {
  await add('alone');
  await sealEvents();
  for (let n = 0; n < 13; n += 1) await add(`one of ${n}`);
  await sealEvents();
  for (const { event_id } of await leaves()) {
    const proof = await proofOf(event_id);
    expect(faultOfProof(JSON.parse(JSON.stringify(proof)) as InclusionProof)).toBeNull();
    expect(proof.checkpoint.keyId).toBe(auditKey().id);
  }
});

test('a proof with anything in it changed does not hold, and says what does not', async () => {
  const proof = await proofOf((await leaves()).at(-3)?.event_id ?? '');
  const { checkpoint, path } = proof;
  const other = keyFromSeed(Buffer.alloc(32, 9));
  const faults = [
    { ...proof, body: proof.body.replace('one of', 'two of') },
    { ...proof, seq: proof.seq - 1 },
    { ...proof, path: path.slice(1) },
    { ...proof, path: [...path].reverse() },
    { ...proof, checkpoint: { ...checkpoint, root: '0'.repeat(64) } },
    { ...proof, checkpoint: { ...checkpoint, at: '2020-01-01T00:00:00.000Z' } },
    { ...proof, publicKey: other.raw.toString('hex') },
    { ...proof, publicKey: '' },
    { ...proof, publicKey: other.raw.toString('hex'), checkpoint: { ...checkpoint, keyId: other.id } },
  ].map(faultOfProof);
  const root = 'the body and its path do not lead to the root';
  const signature = 'the signature does not fit the checkpoint';
  const key = 'the public key is not the one with this id';
  expect(faults).toEqual([root, root, root, root, signature, signature, key, key, signature]);
});

test('an event that is not sealed yet, or is none, has no proof', async () => {
  await expect(proofOf('999999')).rejects.toMatchObject({ status: 404, code: 'not_sealed' });
});
