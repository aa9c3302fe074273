import { expect, test } from 'vitest';
import type { TargetCan } from '#connectors/contract.ts';
import { issuerConnectors, targetConnectors } from '#connectors/registry.ts';
import { mustNameSecret, usualAbilities } from '#core/outside/usual-abilities.ts';

test('every kind says what it can do before anything is entered, but the one whose requests are written by hand', () => {
  const silent = [...issuerConnectors.values(), ...targetConnectors.values()].filter(
    (connector) => usualAbilities<unknown>(connector) === null,
  );
  expect(silent.map(({ kind }) => kind)).toEqual(['http', 'http']);
});

test('a target whose requests are written by hand says what it can do once they are', () => {
  const http = targetConnectors.get('http');
  if (http === undefined) {
    throw new Error('There is no target of the kind http.');
  }
  const write = 'PUT /{{place.name}}/{{key}}\n\n{{value}}';
  const can = (config: object): TargetCan | null => usualAbilities<TargetCan>(http, config);
  expect(can({ write })).toMatchObject({ readBack: 'none', holdsNext: false });
  expect(can({ write, read: 'GET /{{key}}', remove: 'DELETE /{{key}}' })).toMatchObject({
    readBack: 'value',
    holdsNext: true,
  });
});

test.each([
  ['random', {}, 'never'],
  ['assisted', {}, 'never'],
  ['redis-acl', {}, 'sometimes'],
  ['entra', {}, 'sometimes'],
  ['pingone', {}, 'always'],
  ['mysql', { server: 'mariadb' }, 'never'],
  // Which of the two it is, is said by the place.
  ['postgresql', {}, 'sometimes'],
  ['surfacescout', {}, 'sometimes'],
  ['http', { issue: 'POST /x', maxLive: 1 }, 'never'],
  ['http', { issue: 'POST /x', maxLive: 2 }, 'always'],
  ['http', { issue: 'POST /x', maxLive: 2, list: 'GET /x' }, 'sometimes'],
])('the secret in use at an issuer of the kind %s with %j has to be named: %s', (kind, config, answer) => {
  const connector = issuerConnectors.get(kind);
  expect(connector && mustNameSecret(connector, config)).toBe(answer);
});
