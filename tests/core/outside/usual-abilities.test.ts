import { expect, test } from 'vitest';
import type { TargetCan } from '#connectors/contract.ts';
import { issuerConnectors, targetConnectors } from '#connectors/registry.ts';
import { usualAbilities } from '#core/outside/usual-abilities.ts';

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
