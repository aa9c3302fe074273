import { expect, test } from 'vitest';
import { changesOfConfig } from '#core/audit/changes.ts';

test('a field is told with what it was and what it is, and one that stayed is not', () => {
  const before = { realm: 'one', maxLive: 2, kept: true };
  expect(changesOfConfig(before, { realm: 'two', maxLive: 3, kept: true, added: ['a'] })).toEqual([
    { field: 'realm', from: 'one', to: 'two' },
    { field: 'maxLive', from: '2', to: '3' },
    { field: 'added', from: 'null', to: '["a"]' },
  ]);
});

test('an address is told by its server: what only the receiver should know in its path or before its host is not', () => {
  const before = { url: 'https://hooks.example/T0/canary-path', db: 'postgresql://canary-user@db-1/x' };
  const after = { url: 'https://hooks.example/T0/canary-other?token=canary', db: 'postgresql://db-2/x' };
  const told = changesOfConfig(before, after);
  expect(told).toEqual([
    { field: 'url', from: 'https://hooks.example/…', to: 'https://hooks.example/…' },
    { field: 'db', from: 'postgresql://db-1/…', to: 'postgresql://db-2/…' },
  ]);
  expect(JSON.stringify(told)).not.toContain('canary');
});
