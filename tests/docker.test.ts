import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { envSchema, parseEnv } from '#lib/env.ts';
import { loadKeys } from '#lib/keys.ts';
import {
  environmentFor,
  interpolate,
  parseCompose,
  parseEnvFile,
  referencesIn,
  type Service,
  secretFilesOf,
} from '#tests/support/compose.ts';
import { copiesOf, environmentOf, instructionsOf, parseDockerfile } from '#tests/support/dockerfile.ts';
import { scratchFolder } from '#tests/support/folder.ts';

/* Dockerfile and docker-compose.yml, held against the code. No image is built: see image-commands.db.test.ts. */

const known = Object.keys(envSchema.shape);
const required = Object.entries(envSchema.shape)
  .filter(([, schema]) => !schema.safeParse(undefined).success)
  .map(([name]) => name);

/** Read by Node and Next, not by us. */
const byOthers = ['NODE_ENV', 'NEXT_TELEMETRY_DISABLED'];
/** Made by the build stage, so they are not in the folder that is built. */
const made = ['.next', '.bundle', 'node_modules'];

const files = {
  dockerfile: fs.readFileSync('Dockerfile', 'utf8'),
  compose: fs.readFileSync('docker-compose.yml', 'utf8'),
  ignored: fs.readFileSync('.dockerignore', 'utf8'),
};
type Files = typeof files;

const withinApp = (source: string) => source.replace(/^\/app\/?/, '');

function problemsOfImage({ dockerfile, ignored }: Files): string[] {
  const stages = parseDockerfile(dockerfile);
  const runtime = stages.at(-1);
  if (runtime === undefined) return ['there is no stage'];
  const problems: string[] = [];
  for (const { from } of stages) {
    const isStage = stages.some(({ name }) => name === from);
    if (!isStage && !/^node:22-[a-z]+-slim$/.test(from)) problems.push(`${from} is no slim Node 22`);
  }
  const last = runtime.instructions.findLastIndex(({ keyword }) => keyword === 'COPY');
  const user = runtime.instructions.findIndex(({ keyword }) => keyword === 'USER');
  if (instructionsOf(runtime, 'USER').join() !== 'node') problems.push('it does not run as node');
  if (user < last) problems.push('files are copied as the user that runs');
  for (const name of Object.keys(environmentOf(runtime))) {
    if (![...known, ...byOthers].includes(name)) problems.push(`${name} is no variable of lib/env.ts`);
  }
  for (const { from, sources } of copiesOf(runtime)) {
    if (from === null) problems.push('the last stage copies from the folder that is built');
    for (const source of sources.map(withinApp)) {
      if (!made.includes(source) && !fs.existsSync(source)) problems.push(`${source} does not exist`);
    }
  }
  const kept = ['.git', '.env', '.rekey', '.rekey-*', 'node_modules', '.next'];
  const left = kept.filter((name) => !ignored.split('\n').includes(name));
  return [...problems, ...left.map((name) => `${name} is sent to the build`)];
}

/** The file that a command of the image runs. */
function fileOf(command: readonly string[] | undefined): string {
  return command?.find((word) => /\.(ts|mjs)$/.test(word)) ?? '';
}

function problemsOfService(name: string, service: Service | undefined, { dockerfile }: Files): string[] {
  if (service === undefined) return [`there is no service ${name}`];
  const problems: string[] = [];
  const runtime = parseDockerfile(dockerfile).at(-1);
  const copied = runtime === undefined ? [] : copiesOf(runtime).flatMap(({ sources }) => sources);
  const file = fileOf(service.command);
  if (!fs.existsSync(file)) problems.push(`${name} runs "${file}", which does not exist`);
  if (!copied.map(withinApp).includes(file.split('/')[0] ?? ''))
    problems.push(`${name} runs "${file}", which is not in the image`);
  if (service.image !== 'rekey:local') problems.push(`${name} has another image`);
  for (const variable of Object.keys(service.environment)) {
    if (!known.includes(variable)) problems.push(`${name}: ${variable} is no variable of lib/env.ts`);
  }
  return problems;
}

function problemsOfCompose(all: Files): string[] {
  const { postgres, redis, migrate, web, worker } = parseCompose(all.compose);
  const problems = [
    ...problemsOfService('migrate', migrate, all),
    ...problemsOfService('web', web, all),
    ...problemsOfService('worker', worker, all),
  ];
  for (const [name, service] of Object.entries({ web, worker })) {
    const missing = required.filter((variable) => service?.environment[variable] === undefined);
    problems.push(...missing.map((variable) => `${name} is not given ${variable}`));
    if (service?.environment.REKEY_MIGRATION_URL !== undefined) problems.push(`${name} is given the owner`);
    if (service?.depends_on.migrate?.condition !== 'service_completed_successfully')
      problems.push(`${name} does not wait for the migrations`);
    if (service?.environment.REDIS_URL === undefined) problems.push(`${name} does not use Redis`);
  }
  if (worker?.deploy?.replicas !== 2) problems.push('there are not two workers');
  if (postgres?.image !== 'postgres:18') problems.push('Postgres is not 18');
  if (
    !redis?.image.startsWith('redis:7') ||
    !redis.command?.join(' ').includes('maxmemory-policy noeviction')
  )
    problems.push('Redis may forget what it was told');
  if (!web?.healthcheck?.test.join(' ').includes('/health/ready'))
    problems.push('web is not asked for its health');
  const ports = Object.values(parseCompose(all.compose)).flatMap((service) => service.ports);
  if (ports.join() !== '127.0.0.1:3000:3000') problems.push(`the ports ${ports.join()} are open`);
  for (const { name, kind, text } of referencesIn(all.compose)) {
    // A process refuses to start without a key, and the key may be in a file. Nobody else would miss a password.
    const isPassword = name.endsWith('PASSWORD');
    const isKey = /KEYS?$/.test(name);
    if (kind === 'plain' || (isPassword && kind !== 'required')) problems.push(`${name} may be missing`);
    if (isKey && kind === 'default' && text !== '') problems.push(`${name} is written down`);
  }
  for (const [name, service] of Object.entries({ web, worker })) {
    for (const secret of Object.keys(secretFilesOf(all.compose))) {
      if (!service?.secrets.includes(secret)) problems.push(`${name} is not given the file ${secret}`);
    }
  }
  if (/postgres(ql)?:\/\/\w+:[^$]/.test(all.compose)) problems.push('a password is written down');
  return problems;
}

test('the image is made of pinned slim stages, runs as an ordinary user and holds nothing of the build folder', () => {
  expect(problemsOfImage(files)).toEqual([]);
});

test('every service is given what it needs and nothing that lib/env.ts does not know', () => {
  expect(required).toEqual(
    expect.arrayContaining(['DATABASE_URL', 'REKEY_URL', 'REKEY_MASTER_KEYS', 'REKEY_SESSION_KEY']),
  );
  expect(problemsOfCompose(files)).toEqual([]);
});

test.each([
  [
    'dockerfile',
    'FROM node:22-bookworm-slim AS runtime',
    'FROM node:latest AS runtime',
    'node:latest is no slim',
  ],
  ['dockerfile', 'USER node\n', '', 'does not run as node'],
  ['dockerfile', 'USER node\n', 'USER root\n', 'does not run as node'],
  ['dockerfile', 'REKEY_BIND=', 'HOSTNAME=', 'HOSTNAME is no variable'],
  ['dockerfile', '/app/core ./core', '/app/kernel ./core', 'kernel does not exist'],
  ['ignored', '.env\n', '', '.env is sent to the build'],
] as const)('a fault of the image is seen: in %s, %j as %j', (file, text, fault, said) => {
  const changed = files[file].replace(text, fault);
  expect(changed).not.toBe(files[file]);
  expect(problemsOfImage({ ...files, [file]: changed }).join('\n')).toContain(said);
});

test.each([
  [
    'dockerfile',
    '/app/workers ./workers',
    '/app/app ./workers',
    'worker runs "workers/main.ts", which is not in',
  ],
  ['compose', 'workers/main.ts', 'workers/start.ts', 'which does not exist'],
  ['compose', 'REKEY_SESSION_KEY:', 'REKEY_SESSIONS_KEY:', 'web is not given REKEY_SESSION_KEY'],
  ['compose', 'REKEY_LOG_LEVEL:', 'LOG_LEVEL:', 'LOG_LEVEL is no variable'],
  ['compose', 'REDIS_URL:', 'REKEY_MIGRATION_URL:', 'is given the owner'],
  ['compose', 'service_completed_successfully', 'service_started', 'does not wait for the migrations'],
  ['compose', 'replicas: 2', 'replicas: 1', 'there are not two workers'],
  ['compose', 'postgres:18', 'postgres:latest', 'Postgres is not 18'],
  ['compose', 'noeviction', 'allkeys-lru', 'Redis may forget'],
  ['compose', '/health/ready', '/health/live', 'is not asked for its health'],
  ['compose', '127.0.0.1:3000:3000', '3000:3000', 'the ports 3000:3000 are open'],
  ['compose', 'REKEY_SESSION_KEY:-', 'REKEY_SESSION_KEY:-c2VjcmV0', 'REKEY_SESSION_KEY is written down'],
  [
    'compose',
    'POSTGRES_PASSWORD:?is missing',
    'POSTGRES_PASSWORD:-is missing',
    'POSTGRES_PASSWORD may be missing',
  ],
  ['compose', 'secrets: [rekey-keys, ', 'secrets: [', 'web is not given the file rekey-keys'],
  ['compose', 'rekey_app:$', 'rekey_app:pw$', 'a password is written down'],
] as const)('a fault of the services is seen: in %s, %j as %j', (file, text, fault, said) => {
  const changed = files[file].replace(text, fault);
  expect(changed).not.toBe(files[file]);
  expect(problemsOfCompose({ ...files, [file]: changed }).join('\n')).toContain(said);
});

test('the override that docs/operations.md shows gives web and workers the same files, at the paths that variables name', () => {
  const page = fs.readFileSync('docs/operations.md', 'utf8');
  const { web, worker, ...others } = parseCompose(
    (/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '').replaceAll(
      ': *files',
      ':\n    <<: *files\n    image: rekey:local',
    ),
  );
  expect(worker).toEqual(web);
  expect(others).toEqual({});
  const inside = (web?.volumes ?? []).map((volume) => volume.split(':')[1]);
  const named = [...page.matchAll(/`REKEY_\w+=(\/[^`]+)`/g)].map(([, place]) => place);
  expect(named).toHaveLength(2);
  expect(inside).toEqual(expect.arrayContaining([web?.environment.NODE_EXTRA_CA_CERTS, ...named]));
});

const script = path.resolve('docker/make-env.sh');
const makeEnv = (folder: string, ...args: string[]) =>
  execFileSync('sh', [script, ...args], { cwd: folder, stdio: 'pipe', encoding: 'utf8' });

test('the .env that docker/make-env.sh writes is all that web and worker need, and only its owner can read it', () => {
  const folder = scratchFolder();
  const said = makeEnv(folder, 'https://rekey.example.com');
  const file = path.join(folder, '.env');
  const variables = parseEnvFile(fs.readFileSync(file, 'utf8'));
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(said).not.toContain(variables.REKEY_SESSION_KEY);
  const { web, worker, migrate, postgres } = parseCompose(files.compose);
  for (const service of [web, worker]) {
    const env = parseEnv(service === undefined ? {} : environmentFor(service, variables));
    expect(env.REKEY_URL.origin).toBe('https://rekey.example.com');
    expect(env.REDIS_URL).toBe('redis://redis:6379');
    expect(env.REKEY_ALLOW_HOSTS).toEqual([]);
  }
  for (const service of [migrate, postgres]) {
    expect(() => environmentFor(service as Service, variables)).not.toThrow();
  }
});

test('docker/make-env.sh never replaces keys, and makes other ones in another place', () => {
  const [one, two] = [scratchFolder(), scratchFolder()];
  makeEnv(one, 'https://rekey.example.com');
  makeEnv(two, 'https://rekey.example.com');
  const [first, second] = [one, two].map((folder) => fs.readFileSync(path.join(folder, '.env'), 'utf8'));
  expect(() => makeEnv(one, 'https://rekey.example.com')).toThrow(/left as it is/);
  expect(fs.readFileSync(path.join(one, '.env'), 'utf8')).toBe(first);
  const values = Object.entries(parseEnvFile(first ?? '')).filter(([name]) => name !== 'REKEY_URL');
  expect(values).toHaveLength(8);
  expect(new Set(values.map(([, value]) => value)).size).toBe(8);
  for (const [, value] of values) expect(second).not.toContain(value);
  expect(() => makeEnv(two)).toThrow(/usage/);
});

test('Compose refuses to start without a password and says where one comes from, and without a key a process does', () => {
  const { web, postgres } = parseCompose(files.compose);
  expect(() => interpolate(postgres?.environment.POSTGRES_PASSWORD ?? '', {})).toThrow(
    'POSTGRES_PASSWORD is missing in .env, make one with docker/make-env.sh',
  );
  const folder = scratchFolder();
  makeEnv(folder, 'https://rekey.example.com');
  const { REKEY_SESSION_KEY: _left, ...rest } = parseEnvFile(
    fs.readFileSync(path.join(folder, '.env'), 'utf8'),
  );
  expect(() => parseEnv(environmentFor(web as Service, rest))).toThrow(/REKEY_SESSION_KEY/);
});

test('keys and the token that opens them reach web and workers as files, where .env names such files', async () => {
  const folder = scratchFolder();
  makeEnv(folder, 'https://rekey.example.com');
  const lines = fs.readFileSync(path.join(folder, '.env'), 'utf8').split('\n');
  const isKey = (line: string) => /^REKEY_\w+_KEYS?=/.test(line);
  const keysFile = path.join(folder, 'keys');
  fs.writeFileSync(keysFile, lines.filter(isKey).join('\n'));
  const variables = {
    ...parseEnvFile(lines.filter((line) => !isKey(line)).join('\n')),
    REKEY_KEYS_FILE: keysFile,
    REKEY_TRANSIT_TOKEN_FILE: path.join(folder, 'token'),
  };
  const secrets = secretFilesOf(files.compose);
  const { web, worker } = parseCompose(files.compose);
  for (const service of [web, worker] as Service[]) {
    const env = environmentFor(service, variables);
    for (const variable of ['REKEY_KEYS_FILE', 'REKEY_TRANSIT_TOKEN_FILE'] as const) {
      const name = path.basename(env[variable] ?? '');
      expect(env[variable]).toBe(`/run/secrets/${name}`);
      expect(service.secrets).toContain(name);
      expect(interpolate(secrets[name] ?? '', variables)).toBe(variables[variable]);
    }
    const inside = { ...env, REKEY_KEYS_FILE: keysFile };
    await loadKeys(inside);
    expect(parseEnv(inside).REKEY_MASTER_KEYS.size).toBe(1);
  }
  const without = environmentFor(web as Service, { ...variables, REKEY_KEYS_FILE: '' });
  expect(without.REKEY_KEYS_FILE).toBe('');
  expect(interpolate(secrets['rekey-keys'] ?? '', {})).toBe('/dev/null');
});
