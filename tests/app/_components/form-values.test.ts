import { expect, test } from 'vitest';
import { valuesOf } from '#app/_components/form-values.ts';
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
