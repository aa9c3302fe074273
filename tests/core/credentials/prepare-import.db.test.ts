import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type IssuerConnector, secretText } from '#connectors/contract.ts';
import { issuerConnector, issuerConnectors } from '#connectors/registry.ts';
import { system } from '#core/access/actor.ts';
import { planImport } from '#core/credentials/plan-import.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';

/* A place that holds a secret of its own, as registration tokens are. */

const actor = system('test');
const connectors = issuerConnectors as Map<string, IssuerConnector>;
const place = z.object({
  client: z.string().meta({ title: 'Client' }),
  slots: z.int().default(1).meta({ title: 'Slots' }),
  token: secretText().meta({ title: 'Token' }),
});

beforeAll(async () => {
  const like = issuerConnector('surfacescout');
  connectors.set('sealed-place', { ...like, kind: 'sealed-place', config: z.object({}), place });
  await addIssuer(actor, { name: 'Sealed', kind: 'sealed-place', config: {} });
});
afterAll(() => connectors.delete('sealed-place'));

const plan = (mapping: string, values = 'S=canary-secret\nT=canary-token\n') =>
  planImport(actor, {
    file: 'old.env',
    format: 'dotenv',
    values,
    mappings: [{ source: 'the mapping', text: mapping }],
  });

test('a secret of the place comes from the file, is told by its fingerprint, and texts become what the form expects', async () => {
  const { items } = await plan('S = Sealed api place.client=a place.slots=2 place.token=$T');
  expect(items).toMatchObject([
    {
      state: 'new',
      why: null,
      place: [
        ['client', 'a'],
        ['slots', '2'],
      ],
    },
  ]);
  expect(items[0]?.values.map(({ name, key, length }) => [name, key, length])).toEqual([
    ['place.token', 'T', 12],
    ['clientSecret', 'S', 13],
  ]);
  expect(JSON.stringify(items)).not.toContain('canary');
});

test('a secret of the place that stands in the mapping is refused and not repeated', async () => {
  const { items } = await plan('S = Sealed api place.client=a place.token=canary-written');
  expect(items).toMatchObject([
    { state: 'wrong', why: 'place.token is a secret. Put it into old.env and write place.token=$KEY.' },
  ]);
  expect(JSON.stringify(items)).not.toContain('canary');
});

test.each([
  ['S = Sealed api place.client=a place.slots=many place.token=$T', /slots/],
  ['S = Sealed api place.client=a place.colour=red place.token=$T', /colour/],
  ['S = Sealed api place.client=a', /token/],
  ['S = Sealed api place.client=a place.token=$NOWHERE', /^NOWHERE is not in old\.env\.$/],
  ['EMPTY = Sealed api place.client=a place.token=$T', /^EMPTY is empty in old\.env\.$/],
  ['S = Sealed api id place.client=a place.token=$T', /^No key is mapped to clientSecret/],
])('%s is told as wrong before anything is done', async (mapping, why) => {
  const { items } = await plan(mapping, 'S=canary-secret\nT=canary-token\nEMPTY=\n');
  expect(items).toMatchObject([{ state: 'wrong', why: expect.stringMatching(why) }]);
  expect(items[0]?.why).not.toMatch(/canary|Nothing was saved/);
});

test('a credential that is mapped twice is refused as a whole', async () => {
  const mapping = { source: 'a', text: 'S = Sealed api place.client=a place.token=$T' };
  const twice = { file: 'f', format: 'dotenv', values: 'S=x', mappings: [mapping, mapping] } as const;
  await expect(planImport(actor, { ...twice, mappings: [...twice.mappings] })).rejects.toMatchObject({
    message: 'api is mapped twice. Nothing was changed.',
  });
});

test('two names for the same place are not both imported', async () => {
  const { items } = await plan(
    'S = Sealed api place.client=a place.token=$T\nS = Sealed other place.client=a place.slots=3 place.token=$T',
  );
  expect(items).toMatchObject([
    { name: 'api', state: 'new' },
    { name: 'other', state: 'wrong', why: 'It is the same as api, which is mapped before.' },
  ]);
});
