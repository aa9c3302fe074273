import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ownPath } from '#app/_doors/own-path.ts';

const HERE = 'https://rekey.example.com';

test('whoever signs in goes on where they wanted to', () => {
  expect(ownPath('/rotations/1?phase=deliver#step')).toBe('/rotations/1?phase=deliver#step');
  expect(ownPath('/credentials?q=a%2Fb')).toBe('/credentials?q=a%2Fb');
});

test('an address that leads to another site, however it is written, is not followed', () => {
  const away = [
    '//',
    '/\\',
    '/\t/',
    '/\n/',
    '/\r\n/',
    '/.//',
    '/..//',
    '/a/..//',
    '/%2e//',
    '/\t\\',
    '\\\\',
    ' //',
  ];
  for (const from of [
    ...away.map((start) => `${start}elsewhere.example/x`),
    'https://elsewhere.example',
    '',
    null,
  ]) {
    expect(ownPath(from)).toBe('/overview');
  }
});

test('of any text, what is gone on to is of this site as a browser reads it', () => {
  const part = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '\t',
    '\n',
    '%2e',
    '%2f',
    '@',
    ':',
    '?',
    '#',
    'a',
    'elsewhere.example',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const path = ownPath(`/${parts.join('')}`);
      expect(path).toMatch(/^\/(?![/\\])/);
      expect(new URL(path, HERE).origin).toBe(HERE);
    }),
  );
});
