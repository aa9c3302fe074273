import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Plaintext } from '#lib/plaintext.ts';

const CANARY = 'canary-3f9c1';
const secret = new Plaintext(CANARY);

function printed(value: unknown): string {
  let text = '';
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  new Console(sink).log(value);
  return text;
}

test.each<[string, string]>([
  ['String()', String(secret)],
  ['a template', `${secret}`],
  ['joining with +', `x${String([secret])}`],
  ['JSON.stringify', JSON.stringify(secret)],
  ['JSON.stringify of what holds it', JSON.stringify({ deep: [{ secret }] })],
  ['util.inspect', inspect(secret)],
  ['util.inspect with hidden properties', inspect({ secret }, { showHidden: true, depth: null })],
  ['util.inspect without custom printing', inspect(secret, { customInspect: false, showHidden: true })],
  ['util.format', format('%s %j %o %O', secret, secret, secret, secret)],
  ['console.log of what holds it', printed({ list: [{ secret }], map: new Map([['k', secret]]) })],
  ['an error message', new Error(`Signing in with ${secret} failed.`).message],
  ['an error that has it as cause', inspect(new Error('Signing in failed.', { cause: secret }))],
  ['an error that has it as property', inspect(Object.assign(new Error('Failed.'), { secret }))],
  ['its property names and values', JSON.stringify([Object.entries(secret), Reflect.ownKeys(secret)])],
  ['a shallow copy', JSON.stringify({ ...secret })],
])('%s does not show the value', (_way, text) => {
  expect(text).not.toContain(CANARY);
});

test('a structured clone, as sent to another thread, does not carry the value', () => {
  expect(inspect(structuredClone({ secret }), { showHidden: true })).not.toContain(CANARY);
});

test('only expose gives the value, unchanged', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      expect(new Plaintext(value).expose()).toBe(value);
    }),
  );
});

test('two are equal when their values are, whatever their lengths', () => {
  expect(secret.equals(new Plaintext(CANARY))).toBe(true);
  expect(secret.equals(new Plaintext(`${CANARY}x`))).toBe(false);
  expect(secret.equals(new Plaintext(''))).toBe(false);
});
