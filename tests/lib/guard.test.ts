import { expect, test } from 'vitest';
import { createGuard, GuardError } from '#lib/guard.ts';

// Nothing here opens a socket: every test asks the guard and reads its decision.
const PUBLIC = '93.184.216.34';

function guardWith(allowHosts: string[], names: Record<string, string[]> = {}) {
  return createGuard({ allowHosts, resolver: async (host) => names[host] ?? [] });
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof GuardError) return error.message;
    throw error;
  }
  return 'allowed';
}

const loopbackSpellings = [
  'http://127.0.0.1/',
  'http://127.0.0.1./',
  'http://127.1/',
  'http://0x7f000001/',
  'http://0x7f.0.0.1/',
  'http://2130706433/',
  'http://017700000001/',
  'http://127.255.255.254/',
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::ffff:0:127.0.0.1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://１２７.０.０.１/',
];

test.each(loopbackSpellings)('a loopback address is refused however it is written: %s', (url) => {
  expect(refusal(() => guardWith([]).parseUrl(url))).toMatch(/loopback address; an admin can allow it/);
});

const privateSpellings = [
  'http://10.0.0.5/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://[fd12:3456::1]/',
  'http://[::ffff:10.0.0.5]/',
  'http://[64:ff9b::a00:5]/',
  'http://[2002:a00:5::1]/',
];

test.each(privateSpellings)('a private address is refused unless an admin lists it: %s', (url) => {
  expect(refusal(() => guardWith([]).parseUrl(url))).toMatch(/in a private range; an admin can allow it/);
});

const forbidden = [
  'http://169.254.169.254/',
  'http://0xa9fea9fe/',
  'http://2852039166/',
  'http://169.254.0.1/',
  'http://[::ffff:169.254.169.254]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[2002:a9fe:a9fe::1]/',
  'http://[fe80::1]/',
  'http://[febf::1]/',
  'http://[fd00:ec2::254]/',
  'http://[fd20:ce::254]/',
  'http://100.100.100.200/',
  'http://168.63.129.16/',
  'http://192.0.0.192/',
  'http://0.0.0.0/',
  'http://0/',
  'http://0.1.2.3/',
  'http://[::]/',
  'http://[::7f00:1]/',
  'http://224.0.0.1/',
  'http://239.255.255.250/',
  'http://[ff02::1]/',
  'http://240.0.0.1/',
  'http://255.255.255.255/',
  'http://[fec0::1]/',
  'http://[100::1]/',
  'http://[2001::1]/',
  'http://[2001:db8::1]/',
  'http://[64:ff9b:1::a00:5]/',
  'http://[4000::1]/',
];

test.each(forbidden)(
  'link-local, metadata and reserved addresses are refused even when everything is listed: %s',
  (url) => {
    const { hostname } = new URL(url);
    const guard = guardWith(['0.0.0.0/0', '::/0', hostname]);
    expect(refusal(() => guard.parseUrl(url))).toMatch(/it is never allowed/);
  },
);

test.each([
  `http://${PUBLIC}/`,
  'https://[2606:2800:220:1::1]/',
  'http://[64:ff9b::5db8:d822]/',
  'https://example.com/',
])('a public address or name passes without a list: %s', (url) => {
  expect(refusal(() => guardWith([]).parseUrl(url))).toBe('allowed');
});

test('only http and https are accepted, without a user name or password, and the refusal repeats neither', () => {
  const guard = guardWith([]);
  expect(refusal(() => guard.parseUrl('file:///etc/passwd'))).toMatch(/must begin with http/);
  expect(refusal(() => guard.parseUrl('gopher://example.com/'))).toMatch(/must begin with http/);
  expect(refusal(() => guard.parseUrl('not a url hunter2'))).toBe(
    'This is not a complete URL such as https://host/path.',
  );
  const withPassword = refusal(() => guard.parseUrl('https://ada:hunter2@example.com/?key=hunter3'));
  expect(withPassword).toMatch(/no user name and no password/);
  expect(withPassword).not.toMatch(/hunter|ada/);
});

test('a refusal names the address, the host and the way out', () => {
  const guard = guardWith([]);
  expect(refusal(() => guard.checkAddress('db.internal', 5432, '10.0.0.5'))).toBe(
    'The address 10.0.0.5 of db.internal is in a private range; an admin can allow it in REKEY_ALLOW_HOSTS.',
  );
  expect(refusal(() => guard.checkAddress('evil.example', 80, '169.254.169.254'))).toBe(
    'The address 169.254.169.254 of evil.example is link-local, where cloud metadata lives; it is never allowed.',
  );
});

test('a listed host name allows its private addresses on every port, whatever its case or trailing dot', () => {
  const guard = guardWith(['DB.Internal']);
  expect(refusal(() => guard.checkAddress('db.internal', 5432, '10.0.0.5'))).toBe('allowed');
  expect(refusal(() => guard.checkAddress('DB.INTERNAL.', 80, '127.0.0.1'))).toBe('allowed');
});

test('a listed host name allows neither its subdomains nor names that end or begin like it', () => {
  const guard = guardWith(['db.internal']);
  for (const host of ['x.db.internal', 'adb.internal', 'db.internal.example.com', 'db.interna']) {
    expect(refusal(() => guard.checkAddress(host, 80, '10.0.0.5'))).toMatch(/private range/);
  }
});

test('a listed port is the only one that is allowed', () => {
  const guard = guardWith(['127.0.0.1:4001', 'db.internal:5432', '[::1]:4002']);
  expect(refusal(() => guard.parseUrl('http://127.0.0.1:4001/'))).toBe('allowed');
  expect(refusal(() => guard.parseUrl('http://[::1]:4002/'))).toBe('allowed');
  expect(refusal(() => guard.checkAddress('db.internal', 5432, '10.0.0.5'))).toBe('allowed');
  expect(refusal(() => guard.parseUrl('http://127.0.0.1:4002/'))).toMatch(/loopback/);
  expect(refusal(() => guard.parseUrl('http://127.0.0.1/'))).toMatch(/loopback/);
  expect(refusal(() => guard.checkAddress('db.internal', 5433, '10.0.0.5'))).toMatch(/private/);
});

test('a port that is the scheme default counts as listed', () => {
  expect(refusal(() => guardWith(['127.0.0.1:80']).parseUrl('http://127.0.0.1/'))).toBe('allowed');
  expect(refusal(() => guardWith(['127.0.0.1:443']).parseUrl('https://127.0.0.1/'))).toBe('allowed');
  expect(refusal(() => guardWith(['127.0.0.1:80']).parseUrl('https://127.0.0.1/'))).toMatch(/loopback/);
});

test('a listed range allows the addresses inside it, mapped ones too, and no others', () => {
  const guard = guardWith(['10.1.0.0/16', 'fd12::/16']);
  expect(refusal(() => guard.checkAddress('a.example', 80, '10.1.2.3'))).toBe('allowed');
  expect(refusal(() => guard.checkAddress('a.example', 80, '::ffff:10.1.2.3'))).toBe('allowed');
  expect(refusal(() => guard.checkAddress('a.example', 80, 'fd12::9'))).toBe('allowed');
  expect(refusal(() => guard.checkAddress('a.example', 80, '10.2.0.1'))).toMatch(/private/);
  expect(refusal(() => guard.checkAddress('a.example', 80, 'fd13::9'))).toMatch(/private/);
});

test.each(['2002:a00:5::/48', '::ffff:0:0/90'])(
  'a range of IPv6 that carries IPv4 opens no IPv4 beyond it: %s',
  (range) => {
    expect(refusal(() => guardWith([range]).checkAddress('a.example', 80, '192.168.1.1'))).toMatch(/private/);
  },
);

test.each([
  '*.internal',
  '10.0.0.0/33',
  'db.internal:0',
  'db.internal:99999',
  'http://db.internal',
  'a b',
  '',
])('an entry of REKEY_ALLOW_HOSTS that cannot be read stops the start: "%s"', (entry) => {
  expect(() => guardWith([entry])).toThrow(/REKEY_ALLOW_HOSTS holds/);
});

test('what cannot be read as an address is never allowed', () => {
  expect(refusal(() => guardWith(['0.0.0.0/0']).checkAddress('a.example', 80, 'nonsense'))).toMatch(
    /never allowed/,
  );
});

test('a name is refused when all its addresses are, at save and at connect', async () => {
  const guard = guardWith([], { 'evil.example': ['10.0.0.5', '169.254.169.254'] });
  await expect(guard.checkUrl('https://evil.example/hook')).rejects.toThrow(
    /The address 10.0.0.5 of evil.example/,
  );
  await expect(guard.resolve('evil.example', 443)).rejects.toThrow(/The address 10.0.0.5 of evil.example/);
});

test('of a name with good and bad addresses only the good ones are ever handed out', async () => {
  const guard = guardWith([], { 'mixed.example': ['169.254.169.254', PUBLIC, '10.0.0.5'] });
  expect(await guard.addresses('mixed.example', 443)).toEqual([PUBLIC]);
  expect(await guard.resolve('Mixed.Example.', 443)).toEqual({
    address: PUBLIC,
    port: 443,
    servername: 'mixed.example',
  });
});

test('a driver gets no address for a host that hides one in another spelling or carries more than a host', async () => {
  const guard = guardWith([]);
  for (const host of ['0x7f000001', '2130706433', '[::1]', '::1', '::ffff:127.0.0.1', 'fe80::1']) {
    await expect(guard.resolve(host, 5432)).rejects.toThrow(/loopback|link-local/);
  }
  for (const host of [
    'a/b',
    'user@a',
    'a:80',
    '[::1]:80',
    'a?b',
    'a#b',
    'fe80::1%eth0',
    '',
    ' ',
    '.',
    '[',
    '[]',
  ]) {
    await expect(guard.resolve(host, 5432)).rejects.toThrow('This is not a host name or an address.');
  }
});

test('a name without an address may be saved, and is reported when it is used', async () => {
  const guard = guardWith([]);
  await expect(guard.checkUrl('https://not-yet.example/')).resolves.toBeInstanceOf(URL);
  await expect(guard.resolve('not-yet.example', 443)).rejects.toMatchObject({ kind: 'unresolved' });
});

test('a failing resolver is a name without an address, not a refusal', async () => {
  const guard = createGuard({ allowHosts: [], resolver: () => Promise.reject(new Error('EAI_AGAIN')) });
  await expect(guard.resolve('a.example', 443)).rejects.toMatchObject({ kind: 'unresolved' });
});
