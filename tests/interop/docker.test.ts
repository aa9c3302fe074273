import fs from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { certificate, privateKey } from '#tests/fakes/loopback-tls.ts';
import { dockerPorts, SLAPD_TLS_PORT } from './servers/docker.ts';
import { configOf } from './servers/slapd.ts';

/* docker/interop.yml, held against the servers that `npm run test:interop` starts by itself. No container is started. */

const service = z.object({
  profiles: z.array(z.string()).default([]),
  image: z.string().optional(),
  build: z.object({ dockerfile_inline: z.string() }).optional(),
  ports: z.array(z.string()).default([]),
});
const file = z.object({
  services: z.record(z.string(), service),
  configs: z.record(z.string(), z.object({ content: z.string() })),
});

const text = fs.readFileSync('docker/interop.yml', 'utf8');

/** They come from npm with everything else, so nobody needs Docker for them. */
const fromNpm = ['postgresql', 'oidc-provider'];

/** The starters that the suites use. */
function starters(): string[] {
  const suites = fs.readdirSync('tests/interop').filter((name) => name.endsWith('.interop.test.ts'));
  const names = suites.flatMap((suite) =>
    [
      ...fs
        .readFileSync(`tests/interop/${suite}`, 'utf8')
        .matchAll(/start\w+ \} from '.*\/servers\/([\w-]+)\.ts'/g),
    ].map(([, name = '']) => name),
  );
  return [...new Set(names)].sort();
}

/** What a port of this machine is: `127.0.0.1:16379:6379` is 16379. */
const outside = (port: string) => Number(/^127\.0\.0\.1:(\d+):\d+$/.exec(port)?.[1]);

function problemsOf(content: string): string[] {
  const { services, configs } = file.parse(parse(content, { merge: true }));
  const problems: string[] = [];
  const listening = Object.entries(services).filter(([, { ports }]) => ports.length > 0);
  const names = listening.map(([name]) => name.replace('interop-', '')).sort();
  const wanted = starters().filter((name) => !fromNpm.includes(name));
  if (names.join() !== wanted.join())
    problems.push(`it has ${names.join()}, and the suites ${wanted.join()}`);
  for (const [name, { profiles, image, build, ports }] of Object.entries(services)) {
    if (profiles.join() !== 'interop') problems.push(`${name} starts without the profile`);
    const from = image ?? /^FROM (\S+)$/m.exec(build?.dockerfile_inline ?? '')?.[1] ?? '';
    if (!/:v?\d+\.\d+[\w.-]*$/.test(from)) problems.push(`${name}: "${from}" is of no version`);
    if (ports.some((port) => Number.isNaN(outside(port)))) problems.push(`${name} is open to others`);
  }
  const expected = { ...dockerPorts, 'slapd over TLS': SLAPD_TLS_PORT };
  const open = listening.flatMap(([, { ports }]) => ports.map(outside));
  if (open.sort().join() !== Object.values(expected).sort().join())
    problems.push(`the suites look for ${Object.values(expected)}`);
  if (content.includes('$' + '{')) problems.push('it needs a .env');
  const same = { slapd: configOf('/', '/interop'), certificate, key: privateKey };
  for (const [name, one] of Object.entries(same)) {
    if (configs[name]?.content.trim() !== one.trim())
      problems.push(`${name} is another one than the suites have`);
  }
  return problems;
}

test('docker/interop.yml lists the servers of npm run test:interop, by version, on this machine alone, and docker-compose.yml includes it', () => {
  expect(starters()).toEqual(
    expect.arrayContaining(['keycloak', 'kubernetes', 'postgresql', 'redis', 'slapd']),
  );
  expect(problemsOf(text)).toEqual([]);
  const main = z.object({ include: z.array(z.string()) });
  expect(main.parse(parse(fs.readFileSync('docker-compose.yml', 'utf8'))).include).toEqual([
    'docker/interop.yml',
  ]);
});

test.each([
  ['interop-openbao:', 'interop-vault:', 'and the suites'],
  ['profiles: [interop]', 'profiles: []', 'starts without the profile'],
  ['redis:7.0.15', 'redis:latest', 'is of no version'],
  ['debian:12.11-slim', 'debian', 'is of no version'],
  ['127.0.0.1:18200:8200', '18200:8200', 'is open to others'],
  ['127.0.0.1:16379:6379', '127.0.0.1:16380:6379', 'the suites look for'],
  ['root-password', '$' + '{ROOT_PASSWORD}', 'needs a .env'],
  ['moduleload ppolicy\n', '', 'slapd is another one'],
])('a fault of it is seen: %j as %j', (good, fault, said) => {
  const changed = text.replace(good, fault);
  expect(changed).not.toBe(text);
  expect(problemsOf(changed).join('\n')).toContain(said);
});
