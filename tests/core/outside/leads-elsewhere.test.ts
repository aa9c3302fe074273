import { expect, test } from 'vitest';
import { leadsElsewhere } from '#core/outside/leads-elsewhere.ts';

const before = { baseUrl: 'https://a.example/v1', realm: 'one', host: 'db-1' };

test.each([
  ['another path on the same server', { baseUrl: 'https://a.example/v2' }, []],
  ['another name in another field', { realm: 'two' }, []],
  ['another host', { baseUrl: 'https://b.example/v1' }, ['baseUrl']],
  ['another port', { baseUrl: 'https://a.example:8443/v1' }, ['baseUrl']],
  ['another scheme', { baseUrl: 'http://a.example/v1' }, ['baseUrl']],
  ['a name before the host', { baseUrl: 'https://b.example@a.example/v1' }, ['baseUrl']],
  ['a host without a scheme', { host: 'db-2' }, ['host']],
  ['an address in a field that had none', { tokenUrl: 'https://c.example' }, ['tokenUrl']],
  ['a database elsewhere', { url: 'postgresql://u@db-2/x' }, ['url']],
])('%s is seen for what it is', (_what, change, fields) => {
  expect(leadsElsewhere(before, { ...before, ...change })).toEqual(fields);
});

test('an address that is taken away is another server too', () => {
  expect(leadsElsewhere(before, { realm: 'one', host: 'db-1' })).toEqual(['baseUrl']);
});
