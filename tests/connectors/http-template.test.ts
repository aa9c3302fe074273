import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConnectorError } from '#connectors/contract.ts';
import { fill } from '#connectors/http-fill.ts';
import { asking, changing, requestText, sends } from '#connectors/http-template.ts';
import { http } from '#connectors/issuers/http.ts';
import { httpTarget } from '#connectors/targets/http.ts';
import { usualAbilities } from '#core/outside/usual-abilities.ts';
import { Plaintext } from '#lib/plaintext.ts';

const known = ['place.name', 'externalId', 'chosen', 'secret.token', 'entries', 'keys', 'key', 'value'];
const purpose = { methods: [...asking, ...changing], known };
const field = requestText('Request', 'What is sent.', purpose);
const base = 'https://api.example/v1/';

const faultOf = (text: string) => field.safeParse(text).error?.issues[0]?.message;
const filled = (text: string, values: Parameters<typeof fill>[3]) => fill(text, purpose, base, values);

/** Any text a name or a secret may have, and often one that means something where it will stand. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.string({
    unit: fc.constantFrom(
      '/',
      '.',
      '%',
      '?',
      '#',
      '&',
      '=',
      '"',
      '\\',
      '{',
      '}',
      '\n',
      '\r',
      ' ',
      '+',
      'e',
      '2',
    ),
    minLength: 1,
  }),
  fc.constantFrom(
    '..',
    '.',
    '%2e%2e',
    '../../admin',
    '","admin":true,"x":"',
    'a&b=c',
    '{{secret.token}}',
    '__proto__',
    '//evil.example/',
    '@evil.example',
  ),
);

function tried(act: () => ReturnType<typeof fill>): ReturnType<typeof fill> | null {
  try {
    return act();
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectorError);
    return null;
  }
}

test('whatever a name is, it stays one segment of the path and one part of the query', () => {
  const text = 'DELETE /clients/{{place.name}}/secrets/{{externalId}}?name={{place.name}}&all=no';
  fc.assert(
    fc.property(nasty, nasty, (name, externalId) => {
      const request = tried(() => filled(text, { 'place.name': name, externalId }));
      if (request === null) return;
      const url = new URL(request.url);
      expect(url.origin).toBe('https://api.example');
      expect(url.pathname.split('/').map(decodeURIComponent)).toEqual([
        '',
        'v1',
        'clients',
        name,
        'secrets',
        externalId,
      ]);
      expect([...url.searchParams]).toEqual([
        ['name', name],
        ['all', 'no'],
      ]);
      expect(url.hash).toBe('');
    }),
  );
});

test('whatever a value is, it stays one value of the JSON body, and placeholders in it are not filled', () => {
  const text =
    'POST /x\n\n{"a": {"name": "is {{place.name}}", "value": "{{chosen}}"}, "admin": false, "n": [1, "{{place.name}}"]}';
  fc.assert(
    fc.property(nasty, nasty, (name, value) => {
      const request = tried(() => filled(text, { 'place.name': name, chosen: new Plaintext(value) }));
      if (request === null) return;
      expect(JSON.parse(request.body ?? '')).toEqual({
        a: { name: `is ${name}`, value },
        admin: false,
        n: [1, name],
      });
    }),
  );
});

test('whatever keys and values are, all entries at once are one JSON object', () => {
  fc.assert(
    fc.property(fc.dictionary(nasty, nasty), (entries) => {
      const given = Object.fromEntries(
        Object.entries(entries).map(([key, value]) => [key, new Plaintext(value)]),
      );
      const values = { entries: given, keys: Object.keys(entries) };
      const request = filled('PATCH /x\n\n{"data": "{{entries}}", "names": "{{keys}}"}', values);
      const sent: unknown = JSON.parse(request.body ?? '');
      expect(sent).toEqual({ data: entries, names: Object.keys(entries) });
    }),
  );
});

test('whatever a value is, it stays one value of a form', () => {
  const text =
    'POST /x\nContent-Type: application/x-www-form-urlencoded\n\ngrant=client&name={{place.name}}\n&secret={{chosen}}';
  fc.assert(
    fc.property(nasty, nasty, (name, value) => {
      const request = tried(() => filled(text, { 'place.name': name, chosen: new Plaintext(value) }));
      if (request === null) return;
      expect([...new URLSearchParams(request.body)]).toEqual([
        ['grant', 'client'],
        ['name', name],
        ['secret', value],
      ]);
    }),
  );
});

test('whatever a value is, it adds no header and no line to one', () => {
  fc.assert(
    fc.property(nasty, (token) => {
      const request = tried(() =>
        filled('GET /x\nX-Key: k {{secret.token}}', { 'secret.token': new Plaintext(token) }),
      );
      if (request === null) return;
      expect(Object.keys(request.headers ?? {})).toEqual(['accept', 'x-key']);
      expect(request.headers?.['x-key']).toBe(`k ${token}`);
      expect(request.headers?.['x-key']).toMatch(/^[\x20-\x7e]*$/);
    }),
  );
});

test('a name that is empty or means another folder sends nothing', () => {
  for (const name of ['', '.', '..']) {
    expect(() => filled('DELETE /secrets/{{place.name}}', { 'place.name': name })).toThrow(
      /address would be another one/,
    );
  }
  expect(() =>
    filled('GET /a/{{place.name}}{{externalId}}/b', { 'place.name': '.', externalId: '.' }),
  ).toThrow(ConnectorError);
});

test.each(['chosen', 'secret.token', 'value', 'entries', 'keys'])(
  '{{%s}} in a path or query is refused when it is saved',
  (name) => {
    for (const path of [`/a/{{${name}}}`, `/a?x={{${name}}}`, `/a?x={{${name}|base64}}`]) {
      expect(faultOf(`GET ${path}`)).toMatch(/must not stand in a path|stands alone/);
    }
  },
);

test.each([
  ['', /first line must be GET or POST/],
  ['GET https://elsewhere.example/x', /must begin with one \//],
  ['GET //elsewhere.example/x', /must begin with one \//],
  ['BREW /pot', /first line must be/],
  ['GET /a/../b', /must not have \. or \.\./],
  ['GET /a/%2E%2e/b', /must not have \. or \.\./],
  ['GET /a#b', /percent-encoded/],
  ['GET /a%zz', /percent-encoded/],
  ['GET /a\\b', /percent-encoded/],
  ['GET /{{place.nam}}', /\{\{place\.nam\}\} is not known here\. Known are \{\{place\.name\}\}/],
  ['GET /{{place.name', /begins no placeholder/],
  ['GET /x\nHost: other.example', /set by itself/],
  ['GET /x\nContent-Length: 3', /set by itself/],
  ['GET /x\nno header', /every line is a header/],
  ['GET /x\nA: 1\na: 2', /is there twice/],
  ['GET /x\nX-É: 1', /every line is a header/],
  ['GET /x\n\n{}', /A GET has no body/],
  ['POST /x\n\n{"a": {{chosen}}}', /Placeholders stand inside double quotes/],
  ['POST /x\n\n{"a": "x {{entries}}"}', /stands alone in quotes/],
  ['POST /x\nContent-Type: text/plain\n\n{{entries}}', /stands alone in quotes/],
  ['POST /x\nContent-Type: application/xml\n\n<a>{{chosen}}</a>', /must be JSON/],
  ['POST /x\nContent-Type: {{place.name}}\n\n{}', /takes no placeholder/],
])('a request like %j is refused with a sentence', (text, sentence) => {
  expect(faultOf(text)).toMatch(sentence);
});

test('a request is read with any line ends, and says its content type itself or is JSON', () => {
  const request = filled('\r\nPOST /x?y=1\r\nX-A:  b \r\n\r\n{"}}": "{ } }}"}\r\n', {});
  expect(request).toEqual({
    method: 'POST',
    url: 'https://api.example/v1/x?y=1',
    headers: { accept: 'application/json', 'content-type': 'application/json', 'x-a': 'b' },
    body: '{"}}":"{ } }}"}',
  });
  const plain = filled('PUT /x\nContent-Type: text/plain\nAccept: */*\n\n{{value}}', {
    value: new Plaintext('a"b'),
  });
  expect(plain).toMatchObject({ headers: { 'content-type': 'text/plain', accept: '*/*' }, body: 'a"b' });
});

test('a value can be sent as base64, for Basic sign-ins', () => {
  const values = { 'secret.token': new Plaintext('user:pässword') };
  const request = filled('GET /x\nAuthorization: Basic {{secret.token|base64}}', values);
  expect(request.headers?.authorization).toBe(`Basic ${Buffer.from('user:pässword').toString('base64')}`);
});

test('a placeholder without a value sends nothing and is named', () => {
  expect(() => filled('GET /{{place.name}}', {})).toThrow('{{place.name}} has no value here.');
  expect(() => filled('POST /x\n\n{"a": "{{entries}}"}', {})).toThrow('{{entries}} has no value here.');
  expect(() => filled('GET /{{place.name}}', { 'place.name': '\ud800' })).toThrow(/no valid text/);
});

test('which values a request sends is known without sending it', () => {
  expect(sends('POST /x\n\n{"v": "{{chosen|base64}}"}', 'chosen')).toBe(true);
  expect(sends('POST /x\n\n{"v": "chosen"}', 'chosen')).toBe(false);
  expect(sends(undefined, 'chosen')).toBe(false);
});

test.each([http, httpTarget])(
  'of the empty form of $kind nothing is said about what the system can do',
  (connector) => {
    expect(usualAbilities(connector as Parameters<typeof usualAbilities>[0])).toBeNull();
  },
);
