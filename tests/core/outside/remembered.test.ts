import { expect, test } from 'vitest';
import { forget, remembered } from '#core/outside/remembered.ts';
import { Plaintext } from '#lib/plaintext.ts';

function maker(seconds: number) {
  const made: Plaintext[] = [];
  const make = async () => {
    const value = new Plaintext(`token-${made.length}`);
    made.push(value);
    return { value, seconds };
  };
  return { made, make };
}

test('a value is made once while it lives, also by calls at the same time', async () => {
  const { made, make } = maker(3_600);
  const all = await Promise.all([1, 2, 3].map(() => remembered('lives', make)));
  expect((await remembered('lives', make)).expose()).toBe('token-0');
  expect(all.every((value) => value === made[0])).toBe(true);
  expect(made).toHaveLength(1);
});

test('a value with under a minute to live is made again', async () => {
  const { made, make } = maker(60);
  await remembered('short', make);
  await remembered('short', make);
  expect(made).toHaveLength(2);
});

test('a failure is not kept, and every name has a value of its own', async () => {
  const { make } = maker(3_600);
  const fail = () => Promise.reject(new Error('no token'));
  await expect(remembered('fails', fail)).rejects.toThrow('no token');
  expect((await remembered('fails', make)).expose()).toBe('token-0');
  expect((await remembered('another', make)).expose()).toBe('token-1');
});

test('what is forgotten is made again, and nothing of another system is', async () => {
  const { made, make } = maker(3_600);
  await remembered('issuers 1 token', make);
  await remembered('issuers 12 token', make);
  forget('issuers 1 ');
  await remembered('issuers 12 token', make);
  expect(made).toHaveLength(2);
  expect((await remembered('issuers 1 token', make)).expose()).toBe('token-2');
});
