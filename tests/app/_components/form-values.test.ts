import { expect, test } from 'vitest';
import { firstOf, isSet, valuesOf } from '#app/_components/form-values.ts';
import type { FormField } from '#core/outside/draw-form.ts';

const field = (name: string, type: FormField['type'], more: Partial<FormField> = {}): FormField => ({
  name,
  title: name,
  description: null,
  type,
  required: false,
  default: null,
  choices: [],
  min: null,
  max: null,
  whole: false,
  rare: false,
  note: false,
  setting: false,
  list: false,
  ...more,
});

const form = [
  field('clientId', 'text'),
  field('token', 'secret'),
  field('seconds', 'number'),
  field('on', 'boolean'),
  field('live', 'choice', { choices: [1, 2] }),
  field('steps', 'lines'),
  field('hosts', 'lines', { list: true }),
];

function dataOf(entries: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(entries)) data.set(name, value);
  return data;
}

test('what was entered arrives in the types of the schema, and only a secret keeps its spaces', () => {
  const data = dataOf({
    'place.clientId': ' fleet ',
    'place.token': ' s3 ',
    'place.seconds': '0',
    'place.on': 'on',
    'place.live': '2',
    'place.steps': 'one\ntwo\n',
    'place.hosts': 'a\r\n\r\n b ',
    'config.clientId': 'of another part',
  });
  expect(valuesOf(form, 'place', data)).toEqual({
    clientId: 'fleet',
    token: ' s3 ',
    seconds: 0,
    on: true,
    live: 2,
    steps: 'one\ntwo',
    hosts: ['a', 'b'],
  });
});

test('what was left empty is left out, so that the schema puts in its defaults or names what is missing', () => {
  const data = dataOf({ 'place.clientId': ' ', 'place.seconds': '', 'place.live': '' });
  expect(valuesOf(form, 'place', data)).toEqual({ on: false, hosts: [] });
});

test('a choice that is none is passed on, for the schema to refuse', () => {
  expect(valuesOf(form, 'place', dataOf({ 'place.live': '9' }))).toMatchObject({ live: '9' });
});

test('what is stored fills the inputs so that it is read back as it was, and a secret stays empty', () => {
  const stored = { clientId: 'fleet', seconds: 0, live: 2, steps: 'one\ntwo', hosts: ['a', 'b'] };
  const filled = form.flatMap((one) => {
    const first = firstOf(one, stored);
    return first === null ? [] : [[`config.${one.name}`, String(first)] as const];
  });
  expect(valuesOf(form, 'config', dataOf(Object.fromEntries(filled)))).toEqual({ ...stored, on: false });
});

test('what is stored is the default where nobody has set it, and a list is none while it is empty', () => {
  const one = field('address', 'url', { default: 'https://api.example' });
  const hosts = field('hosts', 'lines', { list: true });
  const stored = { address: 'https://api.example', hosts: [] };
  expect([one, hosts].map((each) => isSet(each, stored))).toEqual([false, false]);
  const set = { address: 'https://own.example', hosts: ['a'] };
  expect([one, hosts].map((each) => isSet(each, set))).toEqual([true, true]);
});
