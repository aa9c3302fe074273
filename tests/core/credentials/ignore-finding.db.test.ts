import { beforeEach, expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { ignoreFinding } from '#core/credentials/ignore-finding.ts';
import { noteFinding } from '#core/credentials/note-finding.ts';
import { readCredential } from '#core/credentials/read-credential.ts';
import { readOverview } from '#core/credentials/read-overview.ts';
import { db } from '#lib/db.ts';
import { addCredential, addIssuer } from '#tests/support/listed-world.ts';

const actor = system('test');
let credentialId: string;
let number = 0;

beforeEach(async () => {
  number += 1;
  const issuerId = await addIssuer(`issuer ${number}`);
  credentialId = await addCredential({ name: `credential ${number}`, issuerId, environment: String(number) });
});

/** As the comparison with the outside notes it. */
async function find(detail: string | null): Promise<void> {
  const credential = { id: credentialId } as Parameters<typeof noteFinding>[0];
  await noteFinding(credential, { bindingId: null, kind: 'unknown_secret', detail });
}

const findings = async () => (await readCredential(actor, { credentialId })).findings;
const needsAttention = async () =>
  (await readOverview(actor, { environment: String(number) })).attention.map(({ detail }) => detail);

test('a finding needs attention until somebody leaves it as it is, with a reason that the audit keeps', async () => {
  await find('An unknown secret is at the issuer.');
  expect(await needsAttention()).toEqual(['An unknown secret is at the issuer.']);
  const [found] = await findings();
  await ignoreFinding(actor, { findingId: found?.id ?? '', reason: 'It belongs to the vendor.' });
  expect(await needsAttention()).toEqual([]);
  expect(await findings()).toMatchObject([{ ignored: { by: 'test', reason: 'It belongs to the vendor.' } }]);
  const events = await db().prisma.auditEvent.findMany({ where: { credentialId, action: 'drift.ignored' } });
  expect(events.map(({ body }) => JSON.parse(body))).toMatchObject([
    { reason: 'It belongs to the vendor.', detail: 'An unknown secret is at the issuer.' },
  ]);
});

test('it stays ignored while the same is found, and needs attention again when something else is found', async () => {
  await find('One unknown secret.');
  const [found] = await findings();
  await ignoreFinding(actor, { findingId: found?.id ?? '', reason: 'Known.' });
  await find('One unknown secret.');
  expect(await needsAttention()).toEqual([]);
  await find('Two unknown secrets.');
  expect(await needsAttention()).toEqual(['Two unknown secrets.']);
});

test('a finding that is dealt with is refused with a sentence, and nothing is recorded', async () => {
  await find('An unknown secret.');
  const [found] = await findings();
  const findingId = found?.id ?? '';
  await find(null);
  await expect(ignoreFinding(actor, { findingId, reason: 'Late.' })).rejects.toMatchObject({
    code: 'finding_closed',
  });
  expect(await db().prisma.auditEvent.count({ where: { credentialId, action: 'drift.ignored' } })).toBe(0);
});
