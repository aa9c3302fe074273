import { expect, test } from 'vitest';
import { z } from 'zod';
import { secretText } from '#connectors/contract.ts';
import { issuerConnectors, notifierConnectors, targetConnectors } from '#connectors/registry.ts';
import { drawForm, untouched } from '#core/outside/draw-form.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { privateKey } from '../../fakes/loopback-tls.ts';

const connectors = [...issuerConnectors.values(), ...targetConnectors.values()];
const schemas = [
  ...connectors.flatMap(({ kind, config, place }) => [
    { name: `${kind} config`, schema: config },
    { name: `${kind} place`, schema: place },
  ]),
  ...[...notifierConnectors.values()].map(({ kind, config }) => ({
    name: `notifier ${kind} config`,
    schema: config,
  })),
];

/** One text of each form that some field of a secret asks for. */
const samples = [
  'a text',
  `whsec_${Buffer.alloc(24).toString('base64')}`,
  privateKey,
  JSON.stringify({
    type: 'service_account',
    project_id: 'sample',
    client_email: 'rekey@sample.example',
    private_key_id: 'key-1',
    private_key: privateKey,
    token_uri: 'https://oauth2.example/token',
  }),
  'https://hooks.example/services/sample',
];

/** The names of a schema's fields that parsing turns into a `Plaintext`: what is secret, whatever it is marked as. */
function secretsOf(schema: z.ZodObject): string[] {
  return Object.entries(schema.shape)
    .filter(([, field]) => samples.some((text) => z.safeParse(field, text).data instanceof Plaintext))
    .map(([name]) => name);
}

test.each(schemas)('$name can be drawn as a form and sent as plain data', ({ schema }) => {
  const form = drawForm(schema);
  expect(form.map((field) => field.name)).toEqual(Object.keys(schema.shape));
  expect(JSON.parse(JSON.stringify(form))).toEqual(form);
  for (const field of form) expect(field.title).not.toBe('');
});

test.each(schemas)('$name: exactly the fields that hold a secret are drawn as secrets', ({ schema }) => {
  const drawn = drawForm(schema).filter((field) => field.type === 'secret');
  expect(drawn.map((field) => field.name)).toEqual(secretsOf(schema));
});

test('at least two registered connectors hold secrets, so that the comparison is one', () => {
  expect(schemas.flatMap(({ schema }) => secretsOf(schema)).length).toBeGreaterThanOrEqual(2);
});

test('every type of field is drawn with its title, bounds, default and choices', () => {
  const form = drawForm(
    z.object({
      name: z.string().max(40).meta({ title: 'Name', description: 'As you call it.' }),
      token: secretText().meta({ title: 'Token' }),
      seconds: z.int().min(0).max(30).default(5).meta({ title: 'Seconds' }),
      ratio: z.number().optional().meta({ title: 'Ratio' }),
      on: z.boolean().default(true).meta({ title: 'On' }),
      auth: z.enum(['basic', 'post']).default('basic').meta({ title: 'Sign-in' }),
      live: z.literal([1, 2]).default(2).meta({ title: 'Live' }),
      url: z.url().meta({ title: 'Address' }),
      steps: z.string().meta({ title: 'Steps', lines: true }),
      hosts: z.array(z.string()).meta({ title: 'Hosts' }),
      stages: z
        .array(z.string())
        .default([])
        .transform((stages) => (stages.length === 0 ? ['live'] : stages)),
    }),
  );
  expect(form.map(({ name, type, required }) => [name, type, required])).toEqual([
    ['name', 'text', true],
    ['token', 'secret', true],
    ['seconds', 'number', false],
    ['ratio', 'number', false],
    ['on', 'boolean', false],
    ['auth', 'choice', false],
    ['live', 'choice', false],
    ['url', 'url', true],
    ['steps', 'lines', true],
    ['hosts', 'lines', true],
    ['stages', 'lines', false],
  ]);
  expect(form[0]).toMatchObject({ title: 'Name', description: 'As you call it.', max: 40 });
  expect(form[2]).toMatchObject({ min: 0, max: 30, default: 5, whole: true });
  expect(form[3]).toMatchObject({ min: null, max: null, default: null, whole: false });
  expect(form[5]?.choices).toEqual(['basic', 'post']);
  expect(form[6]).toMatchObject({ choices: [1, 2], default: 2 });
  expect(form.slice(-3).map((field) => field.list)).toEqual([false, true, true]);
  expect(form.slice(-2).map((field) => field.default)).toEqual([null, ['live']]);
});

test.each([
  ['refined', secretText().refine((secret) => secret.expose() !== 'x')],
  ['optional', secretText().optional()],
  ['given a new title', secretText().meta({ title: 'A' }).meta({ title: 'B' })],
  ['given a default', secretText().default(new Plaintext('s3cret-default'))],
  ['given a default to be parsed', secretText().prefault('s3cret-default')],
])('a secret stays a secret when it is %s, and no default of it is shown', (_how, token) => {
  const [field] = drawForm(z.object({ token }));
  expect(field).toMatchObject({ type: 'secret', default: null });
});

test.each([
  ['a date', z.date()],
  ['an object', z.object({ host: z.string() })],
  ['a list of numbers', z.array(z.number())],
  ['a record', z.record(z.string(), z.string())],
  ['a text or null', z.string().nullable()],
  ['a union', z.union([z.string(), z.number()])],
  ['anything', z.unknown()],
])('%s cannot be drawn, and the error names the field in a sentence', (_what, since) => {
  expect(() => drawForm(z.object({ name: z.string(), since }))).toThrow(
    /^The field "since" cannot be drawn in a form\. Use a text, .*\.$/,
  );
});

test('a form that nobody touched holds what its schema makes of it, lists too, and nothing that must be entered', () => {
  const schema = z.object({
    name: z.string(),
    token: secretText().optional(),
    seconds: z.int().default(5),
    on: z.boolean().default(true),
    hosts: z
      .array(z.string())
      .default([])
      .transform((hosts) => (hosts.length === 0 ? ['everywhere'] : hosts)),
  });
  expect(untouched(schema)).toEqual({ seconds: 5, on: true, hosts: ['everywhere'] });
});
