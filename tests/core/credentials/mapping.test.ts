import { expect, test } from 'vitest';
import { parseMapping } from '#core/credentials/mapping.ts';

const of = (text: string) => parseMapping(text, 'moving.map');

test('a line maps a key to the secret of a credential; more lines of the same name add to it', () => {
  const text = `
    # comment
    SECRET = "My issuer" api place.clientId=api-1 place.auth=post
    ID     = "My issuer" api clientId
    OTHER  = plain "with \\"quotes\\"" place.note="a = b" environment=staging owner="Team A" labels="eu, edge," externalId=k1 password`;
  expect(of(text)).toEqual([
    {
      name: 'api',
      issuer: 'My issuer',
      fields: { '': 'SECRET', clientId: 'ID' },
      place: { clientId: 'api-1', auth: 'post' },
      environment: 'production',
    },
    {
      name: 'with "quotes"',
      issuer: 'plain',
      fields: { password: 'OTHER' },
      place: { note: 'a = b' },
      environment: 'staging',
      owner: 'Team A',
      labels: ['eu', 'edge'],
      externalId: 'k1',
    },
  ]);
});

test('JSON says the same by credential name', () => {
  const text = JSON.stringify({
    api: {
      issuer: 'My issuer',
      fields: { clientSecret: 'S' },
      place: { slots: 2, open: true },
      labels: ['eu'],
    },
  });
  expect(of(text)).toEqual([
    {
      name: 'api',
      issuer: 'My issuer',
      fields: { clientSecret: 'S' },
      place: { slots: 2, open: true },
      labels: ['eu'],
      environment: 'production',
    },
  ]);
});

test.each([
  ['A', 'Line 1 of moving.map: Write KEY = issuer-name'],
  ['\nA = issuer', 'Line 2 of moving.map: Write KEY = issuer-name'],
  ['A = issuer name colour=red', 'Line 1 of moving.map: After the credential'],
  ['A = issuer name one two', 'Line 1 of moving.map: After the credential'],
  ['A = issuer name place.=x', 'Line 1 of moving.map: After the credential'],
  ['A = one api\nB = two api id', 'Line 2 of moving.map: The issuer of api is said twice and differently.'],
  ['A = one api\nB = one api', 'Line 2 of moving.map: The secret of api is said twice and differently.'],
  ['A = one api place.x=1\nB = one api id place.x=2', 'Line 2 of moving.map: place.x of api is said twice'],
  ['{"api":', 'moving.map: It begins as JSON and is none.'],
  ['{"api":{"fields":{}}}', 'moving.map: api.issuer: '],
])('%j is refused: %s', (text, sentence) => {
  expect(() => of(text)).toThrow(sentence);
  expect(() => of(text)).toThrow(/Nothing was changed\.$/);
});
