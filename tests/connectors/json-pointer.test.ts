import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  answersText,
  asToken,
  isAmong,
  pointed,
  pointedText,
  pointerText,
  textsAt,
} from '#connectors/json-pointer.ts';

test('the examples of RFC 6901 point where it says', () => {
  const body = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'm~n': 8, ' ': 7 };
  expect(pointed(body, '')).toBe(body);
  expect(pointed(body, '/foo/0')).toBe('bar');
  expect([pointed(body, '/'), pointed(body, '/a~1b'), pointed(body, '/c%d'), pointed(body, '/m~0n')]).toEqual(
    [0, 1, 2, 8],
  );
  for (const nowhere of ['/foo/2', '/foo/01', '/foo/length', '/constructor', '/foo/bar/x', '/__proto__'])
    expect(pointed(body, nowhere)).toBeUndefined();
});

test('any name is found again by the pointer that is written for it', () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      expect(pointerText('', '').safeParse(`/${asToken(name)}`).success).toBe(true);
      expect(pointed(Object.fromEntries([[name, 'x']]), `/${asToken(name)}`)).toBe('x');
    }),
  );
});

test('a pointer that is none is refused as it is entered', () => {
  for (const text of ['data', 'data/id', '/a~2', '/a~'])
    expect(pointerText('', '').safeParse(text).success).toBe(false);
});

test('texts and numbers are read, and what is missing is named', () => {
  expect(pointedText({ id: 7 }, '/id')).toBe('7');
  expect(pointedText({ id: '' }, '/id')).toBeUndefined();
  const schema = textsAt({ id: '/data/id', secret: '/data/secret' });
  expect(schema.parse({ data: { id: 1, secret: 's' } })).toEqual({ id: '1', secret: 's' });
  expect(schema.safeParse({ data: { id: 1 } }).error?.issues[0]?.path).toEqual(['data', 'secret']);
});

test('an answer is told by its status, or by a value in it', () => {
  const answer = (status: number, body: unknown) => ({ status, headers: {}, text: JSON.stringify(body) });
  const rules = '401\n400 /error invalid client\r\n\n410 /gone';
  expect(isAmong(answer(401, {}), rules)).toBe(true);
  expect(isAmong(answer(400, { error: 'invalid client' }), rules)).toBe(true);
  expect(isAmong(answer(400, { error: 'invalid_scope' }), rules)).toBe(false);
  expect(isAmong(answer(400, 'invalid client'), rules)).toBe(false);
  expect(isAmong(answer(410, { gone: 1 }), rules)).toBe(true);
  expect(isAmong(answer(410, {}), rules)).toBe(false);
  expect(isAmong(answer(200, {}), '')).toBe(false);
  for (const text of ['4011', 'unauthorized', '400 error x', '400 /a~2 x'])
    expect(answersText('', '').safeParse(text).success).toBe(false);
});
