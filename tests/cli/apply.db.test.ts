import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { db } from '#lib/db.ts';
import { fakeVercel, vercelToken } from '#tests/connectors/worlds/vercel.ts';
import { type AsCode, startAsCode } from '#tests/support/as-code.ts';

/* rekey apply in a process of its own, against an installation that is empty at first. */

let world: AsCode;
const documented = () => world.documented();
const apply = (...given: Parameters<AsCode['apply']>) => world.apply(...given);

beforeAll(async () => {
  world = await startAsCode();
});
afterAll(() => world?.close());

const counts = async () => {
  const { prisma } = db();
  return {
    issuers: await prisma.issuer.count(),
    targets: await prisma.target.count(),
    policies: await prisma.policy.count(),
    credentials: await prisma.credential.count(),
    bindings: await prisma.binding.count(),
    rotations: await prisma.rotation.count(),
  };
};
const none = { issuers: 0, targets: 0, policies: 0, credentials: 0, bindings: 0, rotations: 0 };
const all = { issuers: 1, targets: 2, policies: 2, credentials: 1, bindings: 2, rotations: 0 };

test('a plan says what would be done and ends with 2; without a yes, and without a secret that it needs, nothing is done', async () => {
  const planned = await apply(documented(), ['--plan']);
  expect({ code: planned.code, complained: planned.complained }).toEqual({ code: 2, complained: '' });
  expect(planned.said).toContain('+ issuer SurfaceScout\n');
  expect(planned.said).toContain('    config.adminToken: from the variable SCOUT_ADMIN_TOKEN\n');
  expect(planned.said).toContain('9 to create, 0 to change, 0 differences to leave. Nothing rotates.\n');
  const unasked = await apply(documented());
  expect(unasked.code).toBe(1);
  expect(unasked.complained).toBe('Nobody can be asked here: say --yes. Nothing was changed.\n');
  const unshown = await apply(documented(), ['--json']);
  expect(unshown).toEqual({ ...unasked, said: '' });
  const unset = await apply(documented(), ['--yes'], { SCOUT_ADMIN_TOKEN: '' });
  expect(unset.code).toBe(1);
  expect(unset.complained).toBe(
    `${world.file}:6:7: issuers.SurfaceScout.config.adminToken: The variable SCOUT_ADMIN_TOKEN is not set.\nNothing was changed.\n`,
  );
  expect(await counts()).toEqual(none);
});

test('the documented file makes an empty installation as it says, nothing rotates, and the same again has nothing to do', async () => {
  const { code, said, complained } = await apply(documented(), ['--yes']);
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  expect(said).toContain('Done: binding fleet-api → Env files\n');
  expect(await counts()).toEqual(all);
  const credential = await db().prisma.credential.findFirstOrThrow({
    where: { name: 'fleet-api' },
    include: { assignment: { include: { policy: true } }, versions: true },
  });
  expect(credential).toMatchObject({
    environment: 'production',
    owner: 'Fleet team',
    assignment: { policy: { name: 'monthly', graceSeconds: 86_400 } },
    versions: [{ n: 1, state: 'current' }],
  });
  expect(credential.assignment?.slot?.getTime()).toBeGreaterThan(Date.now());
  const secret = fs.readFileSync(path.join(world.folder, 'secrets', 'fleet-api'), 'utf8').trim();
  expect(fs.readFileSync(path.join(world.folder, '.env'), 'utf8')).toContain(`SCOUT_CLIENT_SECRET=${secret}`);
  // Nothing of it is needed any more, so that the secrets of an import may go.
  const again = await apply(documented(), ['--yes'], { SCOUT_ADMIN_TOKEN: '' });
  expect(again).toEqual({
    code: 0,
    said: 'Nothing to do: all of it is as the file says.\n',
    complained: '',
  });
  const json = await apply(documented(), ['--plan', '--json']);
  expect({ code: json.code, said: JSON.parse(json.said) }).toEqual({
    code: 0,
    said: { outcome: 'done', changes: [] },
  });
});

test('a change shows exactly what differs, is done, and touches nothing else', async () => {
  const changed = documented()
    .replace('gracePeriod: P1D', 'gracePeriod: PT48H')
    .replace(world.scout.url, `${world.scout.url}/`)
    .replace('policy: monthly', 'policy: weekly');
  const { code, said, complained } = await apply(changed, ['--yes']);
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  expect(said).toBe(
    [
      '~ issuer SurfaceScout',
      `    config.baseUrl: ${world.scout.url} → ${world.scout.url}/`,
      '    config.adminToken: none → from the variable SCOUT_ADMIN_TOKEN',
      '~ policy monthly',
      '    gracePeriod: P1D → P2D',
      '~ policy of fleet-api',
      '    policy: monthly → weekly',
      '    firstRun: none → at its next slot',
      '',
      '0 to create, 3 to change, 0 differences to leave. Nothing rotates.',
      'Done: issuer SurfaceScout',
      'Done: policy monthly',
      'Done: policy of fleet-api',
      '',
    ].join('\n'),
  );
  expect(await counts()).toEqual(all);
  expect((await apply(changed, ['--plan'])).said).toBe('Nothing to do: all of it is as the file says.\n');
  const renewed = await apply(changed, ['--yes', '--renew-secrets', '--json']);
  expect(JSON.parse(renewed.said)).toEqual({
    outcome: 'done',
    changes: [
      {
        action: 'change',
        what: 'issuer',
        name: 'SurfaceScout',
        fields: [{ field: 'config.adminToken', from: null, to: 'from the variable SCOUT_ADMIN_TOKEN' }],
        done: true,
      },
    ],
  });
});

test('the settings of a binding that is there are changed, also back, and its other fields are only told', async () => {
  const settled = documented()
    .replace('gracePeriod: P1D', 'gracePeriod: PT48H')
    .replace(world.scout.url, `${world.scout.url}/`)
    .replace('policy: monthly', 'policy: weekly');
  const pulled = '- target: Fetched by applications\n';
  const changed = settled.replace(pulled, `${pulled}        required: false\n        needs: accepted\n`);
  const done = await apply(changed, ['--yes']);
  expect({ code: done.code, complained: done.complained }).toEqual({ code: 0, complained: '' });
  expect(done.said).toBe(
    [
      '~ binding fleet-api → Fetched by applications',
      '    required: true → false',
      '    needs: read_back → accepted',
      '',
      '0 to create, 1 to change, 0 differences to leave. Nothing rotates.',
      'Done: binding fleet-api → Fetched by applications',
      '',
    ].join('\n'),
  );
  expect((await apply(changed, ['--plan'])).said).toBe('Nothing to do: all of it is as the file says.\n');
  const back = settled.replace(pulled, `${pulled}        needs: read_back\n        canary: true\n`);
  const differs = await apply(back.replace('clientId: SCOUT_CLIENT_ID, ', ''), ['--yes']);
  expect({ code: differs.code, complained: differs.complained }).toEqual({ code: 2, complained: '' });
  expect(differs.said).toContain('! binding fleet-api → Env files\n    fields: ');
  const binding = await db().prisma.binding.findFirstOrThrow({ where: { target: { kind: 'pull' } } });
  expect(binding).toMatchObject({ required: true, canary: true, needs: 'read_back' });
  await apply(back.replace('canary: true', 'canary: false'), ['--yes']);
  expect((await apply(settled, ['--plan'])).said).toBe('Nothing to do: all of it is as the file says.\n');
});

test('a secret that stands in the file is refused with its line and field, and not repeated', async () => {
  const before = await counts();
  const literal = documented().replace('{ env: SCOUT_ADMIN_TOKEN }', world.adminToken);
  const { code, said, complained } = await apply(literal, ['--yes']);
  expect({ code, said }).toEqual({ code: 1, said: '' });
  expect(complained).toBe(
    `${world.file}:6:7: issuers.SurfaceScout.config.adminToken is a secret, and a secret does not stand in this file. Write { env: NAME } or { file: PATH }.\nNothing was changed.\n`,
  );
  const current = documented().replace('{ file: secrets/fleet-api }', world.secrets[1] ?? '');
  const refused = await apply(current, ['--yes']);
  expect(refused.complained).toMatch(/:\d+:7: credentials\.fleet-api\.fields\.clientSecret is a secret/);
  expect(await counts()).toEqual(before);
});

test('a failure on the way names its line and what is done; the same command again finishes the rest', async () => {
  const more = `
  second:
    issuer: SurfaceScout
    environment: production
    place: { clientId: second }
    fields:
      clientId: second
      clientSecret: { env: SECOND }
    bindings:
      - target: Fetched by applications
        place: { application: second }
        fields: { clientSecret: SCOUT_CLIENT_SECRET }
`;
  const text = documented()
    .replace('  Env files:', '  More files:\n    kind: dotenv\n  Env files:')
    .replace('gracePeriod: P1D', 'gracePeriod: PT48H')
    .replace(world.scout.url, `${world.scout.url}/`)
    .replace('policy: monthly', 'policy: weekly')
    .concat(more);
  const wrong = await apply(text, ['--yes'], { SECOND: 'not-the-secret' });
  expect(wrong.code).toBe(1);
  expect(wrong.said).toContain('Done: target More files\n');
  const line = text.split('\n').findIndex((one) => one.includes('{ env: SECOND }')) + 1;
  expect(wrong.complained).toMatch(
    new RegExp(
      `^${world.file}:${line}:7: credential second: SurfaceScout does not accept this secret\\. Nothing was saved\\.`,
    ),
  );
  expect(wrong.complained).toContain(
    '1 of 3 changes are done, 2 are not. The same command again does what is left.',
  );
  expect(await counts()).toEqual({ ...all, targets: 3 });
  const right = await apply(text, ['--yes'], { SECOND: world.secrets[2] ?? '' });
  expect({ code: right.code, complained: right.complained }).toEqual({ code: 0, complained: '' });
  expect(right.said).toContain('2 to create, 0 to change');
  expect(await counts()).toEqual({ ...all, targets: 3, credentials: 2, bindings: 3 });
});

test('what cannot be changed is told and left, what is not in the file is left alone, and the exit code is 2', async () => {
  const before = await counts();
  const { code, said, complained } = await apply(
    `
credentials:
  fleet-api:
    issuer: SurfaceScout
    environment: production
    owner: Fleet team
    place: { clientId: another }
    bindings:
      - target: Fetched by applications
        place: { application: fleet }
        fields: { clientSecret: SCOUT_CLIENT_SECRET }
        readsNext: true
`,
    ['--yes'],
  );
  expect({ code, complained }).toEqual({ code: 2, complained: '' });
  expect(said).toBe(
    [
      '! credential fleet-api',
      '    place.clientId: fleet-api → another',
      '    This cannot be changed by apply, and is left as it is.',
      '! binding fleet-api → Fetched by applications',
      '    readsNext: false → true',
      '    This cannot be changed by apply, and is left as it is.',
      '',
      '0 to create, 0 to change, 2 differences to leave. Nothing rotates.',
      '',
    ].join('\n'),
  );
  expect(await counts()).toEqual(before);
});

test('a credential gets the owner, the environment and the labels of the file, and what the file leaves out stays', async () => {
  const text = `
credentials:
  fleet-api:
    issuer: SurfaceScout
    environment: production
    owner: Another team
    labels: [payments, edge]
    place: { clientId: fleet-api }
`;
  const changed = await apply(text, ['--yes']);
  expect({ code: changed.code, complained: changed.complained }).toEqual({ code: 0, complained: '' });
  expect(changed.said).toContain('    owner: Fleet team → Another team\n');
  expect(changed.said).toContain('0 to create, 1 to change');
  const kept = await apply(text.replace('    owner: Another team\n    labels: [payments, edge]\n', ''), [
    '--yes',
  ]);
  expect(kept.said).toBe('Nothing to do: all of it is as the file says.\n');
  const row = await db().prisma.credential.findFirst({ where: { name: 'fleet-api' } });
  expect(row).toMatchObject({
    owner: 'Another team',
    environment: 'production',
    labels: ['edge', 'payments'],
  });
});

test('a first value is made by Rekey and delivered as it is bound, once, and stands nowhere else', async () => {
  const made = path.join(world.folder, 'made.env');
  const text = `
issuers:
  Random values: { kind: random }
targets:
  Env files: { kind: dotenv }
credentials:
  session-key:
    issuer: Random values
    environment: test
    place: { format: hex }
    make: true
    bindings:
      - target: Env files
        place: { path: ${made} }
        fields: { secret: SESSION_KEY }
`;
  const { code, said, complained } = await apply(text, ['--yes']);
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  expect(said).toContain('made by Rekey');
  const [, value = ''] = /^SESSION_KEY=([0-9a-f]{64})$/m.exec(fs.readFileSync(made, 'utf8')) ?? [];
  expect(value).not.toBe('');
  expect(said).not.toContain(value);
  const again = await apply(text, ['--yes']);
  expect(again.code).toBe(0);
  expect(fs.readFileSync(made, 'utf8')).toContain(`SESSION_KEY=${value}\n`);
  expect(await db().prisma.secretVersion.count({ where: { credential: { name: 'session-key' } } })).toBe(1);
});

test('a list that is left out, and one in another order, are as they were stored: the same file again has nothing to do', async () => {
  const vercel = await fakeVercel();
  onTestFinished(() => vercel.close());
  world.secrets.push(vercelToken);
  const text = `
targets:
  Vercel:
    kind: vercel
    config: { baseUrl: ${vercel.url}, teamId: team_a1b2c3, token: { env: VERCEL_TOKEN } }
policies:
  at night:
    rhythm: { interval: P7D }
    gracePeriod: PT4H
    window: { days: [5, 1, 5], from: "22:00", to: "23:30", timeZone: Europe/Berlin }
credentials:
  fleet-api:
    issuer: SurfaceScout
    environment: production
    labels: [payments, edge, payments]
    place: { clientId: fleet-api }
    bindings:
      - target: Vercel
        place: { project: shop, redeploy: false }
        fields: { clientSecret: SCOUT_CLIENT_SECRET }
`;
  const { code, said, complained } = await apply(text, ['--yes'], { VERCEL_TOKEN: vercelToken });
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  expect(said).toContain('Done: binding fleet-api → Vercel\n');
  expect(vercel.variables.map(({ key, target }) => ({ key, target }))).toEqual([
    { key: 'SCOUT_CLIENT_SECRET', target: ['production'] },
  ]);
  expect(await apply(text, ['--plan'])).toEqual({
    code: 0,
    said: 'Nothing to do: all of it is as the file says.\n',
    complained: '',
  });
});

test('a file that is written from an installation names no secret, and that installation has nothing to do with it', async () => {
  const written = await world.fromServer();
  expect({ code: written.code, complained: written.complained }).toEqual({ code: 0, complained: '' });
  expect(written.said).toContain('adminToken:\n        env: SURFACE_SCOUT_ADMIN_TOKEN\n');
  expect(written.said).toContain('    gracePeriod: P2D\n');
  expect(written.said).toMatch(/^ {2}second:$/m);
  const again = await apply(written.said, ['--plan']);
  expect(again).toEqual({
    code: 0,
    said: 'Nothing to do: all of it is as the file says.\n',
    complained: '',
  });
});
