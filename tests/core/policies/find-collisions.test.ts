import { expect, test } from 'vitest';
import { findCollisions, type Run } from '#core/policies/find-collisions.ts';

const run = (credential: string, time: string): Run => ({
  credentialId: credential,
  credential,
  at: `2026-12-01T${time}:00.000Z`,
});
const app = (name: string, ...credentialIds: string[]) => ({ name, credentialIds });
const told = (runs: Run[], ...applications: ReturnType<typeof app>[]) =>
  findCollisions(runs, applications).map(
    ({ application, runs: all }) => `${application}: ${all.map(({ credential }) => credential).join()}`,
  );

test('two credentials of one application within an hour of each other collide, also over a full hour', () => {
  const runs = [run('a', '02:50'), run('b', '03:40')];
  expect(findCollisions(runs, [app('app:shop', 'a', 'b')])).toEqual([
    { application: 'app:shop', from: runs[0]?.at, to: runs[1]?.at, runs },
  ]);
});

test('an hour apart is apart, and so are credentials of different applications', () => {
  expect(told([run('a', '03:00'), run('b', '04:00')], app('app:shop', 'a', 'b'))).toEqual([]);
  expect(told([run('a', '03:00'), run('b', '03:00')], app('app:shop', 'a'), app('app:mail', 'b'))).toEqual(
    [],
  );
});

test('one credential that rotates often does not collide with itself', () => {
  expect(told([run('a', '03:00'), run('a', '03:30')], app('app:shop', 'a', 'b'))).toEqual([]);
});

test('a chain of runs is one collision, and what is tied twice is told once', () => {
  const runs = [run('c', '04:30'), run('a', '03:00'), run('b', '03:45')];
  expect(told(runs, app('app:shop', 'a', 'b', 'c'), app('web-1 .env', 'c', 'b', 'a'))).toEqual([
    'app:shop: a,b,c',
  ]);
});
