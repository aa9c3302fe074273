import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const CANARY = 'canary-7b2e4';

/** Runs statements against the real logger in a process of its own and answers what it wrote. */
function logged(statements: string, level = 'info') {
  const code = `
    import { log } from '#lib/log.ts';
    import { Plaintext } from '#lib/plaintext.ts';
    const secret = new Plaintext('${CANARY}');
    ${statements}`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', code],
    { encoding: 'utf8', env: { ...process.env, REKEY_LOG_LEVEL: level } },
  );
  expect(status, stderr).toBe(0);
  return { stdout, stderr };
}

test('a log line is one JSON object on standard error, with an RFC 3339 time in UTC', () => {
  const { stdout, stderr } = logged(`log.info({ rotation: 'r1' }, 'step done');`);
  expect(stdout).toBe('');
  const line = JSON.parse(stderr) as Record<string, unknown>;
  expect(line).toMatchObject({ rotation: 'r1', msg: 'step done' });
  expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test('fields with the name of a secret are redacted at the top and one level down', () => {
  const names = [
    'password',
    'secret',
    'clientSecret',
    'client_secret',
    'token',
    'access_token',
    'authorization',
    'cookie',
    'value',
    'sealed',
  ];
  const fields = Object.fromEntries(names.map((name) => [name, CANARY]));
  const { stderr } = logged(
    `const fields = ${JSON.stringify(fields)}; log.info({ ...fields, inner: fields, other: 'seen' }, 'x');`,
  );
  expect(stderr).not.toContain(CANARY);
  expect(stderr.match(/\[redacted\]/g)).toHaveLength(2 * names.length);
  expect(stderr).toContain('"other":"seen"');
});

test('a Plaintext is redacted under any name, at any depth and in errors', () => {
  const { stderr } = logged(`
    log.info({ a: secret, b: { c: [{ d: secret }] } }, 'nested');
    log.info('value is %s and %j and %o', secret, secret, { secret });
    log.error({ err: Object.assign(new Error('failed with ' + secret, { cause: secret }), { secret }) }, 'x');
    log.child({ bound: secret }).warn('child');`);
  expect(stderr).not.toContain(CANARY);
  expect(stderr.split('\n').filter(Boolean)).toHaveLength(4);
});

test('nothing is written below the level that is set', () => {
  expect(logged(`log.info('quiet'); log.error('quiet');`, 'silent').stderr).toBe('');
});
