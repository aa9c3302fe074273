import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { keyFromSeed } from '#core/audit/signing-key.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { add, rowsOf, verifyAll } from '#tests/core/evidence/trail.ts';

const seed = (fill: number) => Buffer.alloc(32, fill).toString('base64');

/** Seals, or verifies, in a process that has another key. */
async function withKey(
  fill: number,
  args: readonly string[],
  before = '',
): Promise<{ code: number; said: string }> {
  const env = { ...process.env, REKEY_AUDIT_KEY: seed(fill), REKEY_AUDIT_KEY_BEFORE: before };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...args], { env });
    return { code: 0, said: stdout };
  } catch (error) {
    const failed = error as { code: number; stdout: string; stderr: string };
    return { code: failed.code, said: failed.stdout + failed.stderr };
  }
}

const SEAL = [
  ...['--import', 'tsx', '--input-type=module', '--eval'],
  `import { sealEvents } from '#core/evidence/seal-events.ts'; await sealEvents(); process.exit(0);`,
];
const publicKey = (fill: number) => keyFromSeed(Buffer.alloc(32, fill)).raw.toString('hex');
const VERIFY = ['cli/rekey.mjs', 'audit', 'verify', '--json'];

test('a new key seals nothing without the public key of the one before, and says which one that is and where it is found', async () => {
  await add();
  await sealEvents();
  const [{ n } = { n: 0 }] = await rowsOf<{ n: number }>('select max(n)::float8 as n from audit_batches');
  const { id } = keyFromSeed(Buffer.alloc(32, 4));
  const asked = `set REKEY_AUDIT_KEY_BEFORE to the public key of ${id}, which rekey audit verify prints`;
  expect(await withKey(77, SEAL)).toMatchObject({ code: 1, said: expect.stringContaining(asked) });
  const named = `REKEY_AUDIT_KEY_BEFORE names now, ${keyFromSeed(Buffer.alloc(32, 5)).id}, did not sign it`;
  expect(await withKey(77, SEAL, publicKey(5))).toMatchObject({
    code: 1,
    said: expect.stringContaining(named),
  });
  expect(await rowsOf(`select n from audit_batches where key_id <> '${id}'`)).toEqual([]);
  expect(await rowsOf(`select id from audit_keys where id <> '${id}'`)).toEqual([]);
  expect(await verifyAll()).toMatchObject({ ok: true, sealedThrough: { batch: n } });
});

test('after a change of the key older batches verify, the change is an event, and the old key seals no more', async () => {
  await add();
  await sealEvents();
  expect((await withKey(77, VERIFY)).said).toContain('is not signed with the key of this installation');
  expect(await withKey(77, SEAL, publicKey(4))).toMatchObject({ code: 0 });
  const [event] = await rowsOf<{ body: string }>(
    `select body from audit_events where action = 'key.rotated'`,
  );
  expect(JSON.parse(event?.body ?? '')).toMatchObject({
    key: 'audit',
    from: keyFromSeed(Buffer.alloc(32, 4)).id,
    to: keyFromSeed(Buffer.alloc(32, 77)).id,
  });
  const { code, said } = await withKey(77, VERIFY);
  expect({ code, ...JSON.parse(said) }).toMatchObject({ code: 0, ok: true, firstBad: null });
  await add();
  await expect(sealEvents()).rejects.toThrow(/has replaced.*seals nothing/);
  expect(await verifyAll()).toMatchObject({ ok: false });
});

test('the command ends with 1 where something is wrong, with 0 where nothing is, and refuses a file without checkpoints', async () => {
  expect(await withKey(77, VERIFY)).toMatchObject({ code: 0 });
  expect(await withKey(4, ['cli/rekey.mjs', 'audit', 'verify'])).toMatchObject({
    code: 1,
    said: expect.stringContaining(`Its public key: ${publicKey(4)}\n`),
  });
  const { code, said } = await withKey(77, [...VERIFY, '--witness', 'package.json']);
  expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining('holds no checkpoint') });
  const text = (await withKey(77, ['cli/rekey.mjs', 'audit', 'verify', '--from', '1', '--to', '1'])).said;
  expect(text).toMatch(/Verified 1 events: nothing was altered\.\nSealed through place \d+, batch \d+, at /);
  expect(text).toContain('the weaker proof');
});
