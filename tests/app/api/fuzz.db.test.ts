import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Document, drawDocument, type Operation } from '#app/_doors/api/openapi.ts';
import { routes } from '#app/_doors/api/routes.ts';
import { system } from '#core/access/actor.ts';
import { createPolicy } from '#core/policies/create-policy.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { askRaw } from '#tests/app/api/ask.ts';
import { type Sample, startSample } from '#tests/support/sample.ts';

const document: Document = drawDocument(routes, 'http://localhost:3000');

let sample: Sample;
/** Ids that exist, so that requests come further than "there is no such thing". */
const known: string[] = [];

beforeAll(async () => {
  sample = await startSample();
  const actor = system('test');
  const credentialId = await sample.credentialId('fleet-api');
  const rhythm = { intervalSeconds: 90 * 86_400 };
  const policy = await createPolicy(actor, { name: 'Fuzzed', rhythm, graceSeconds: 60 });
  const { rotationId } = await requestRotation(actor, { credentialId });
  const rows = await Promise.all([
    db().prisma.issuer.findMany(),
    db().prisma.target.findMany(),
    db().prisma.binding.findMany(),
    db().prisma.credential.findMany(),
  ]);
  known.push(policy.id, rotationId, ...rows.flat().map(({ id }) => id));
});
afterAll(() => sample.close());

type Schema = Record<string, unknown>;

/** Whatever strings there are: no characters, odd ones, halves of pairs, quotes, words of other languages. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '\0',
    '\ud800',
    "'; drop table users; --",
    '__proto__',
    'a'.repeat(5000),
    '{{x}}',
    '%',
    'dotenv',
  ),
);
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -1, 2 ** 31, 2 ** 53, 1e308));
const id = fc.oneof(fc.constantFrom('known'), fc.uuid(), text);
const instant = fc.oneof(
  fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
    .map((date) => date.toISOString()),
  fc.constantFrom('0001-01-01T00:00:00Z', '9999-12-31T23:59:59+23:59', 'yesterday'),
);
const duration = fc.constantFrom(
  'P1D',
  'PT0S',
  'PT90S',
  'P30D',
  'P999999999W',
  'PT999999999S',
  'P1M',
  '-P1D',
);

/** Values for a schema of the document: mostly of the type that it asks for, and now and then of none. */
function valueFor(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary: rightFor(schema) }, { weight: 1, arbitrary: fc.jsonValue() });
}

function objectFor({ properties = {}, additionalProperties }: Schema): fc.Arbitrary<unknown> {
  const entries = Object.entries(properties as Record<string, Schema>);
  if (entries.length === 0 && typeof additionalProperties === 'object') {
    return fc.dictionary(text, fc.oneof(text, fc.jsonValue()), { maxKeys: 4 });
  }
  const parts = Object.fromEntries(entries.map(([name, part]) => [name, valueFor(part)]));
  return fc.oneof(fc.record(parts), fc.record(parts, { requiredKeys: [] }));
}

function rightFor(schema: Schema): fc.Arbitrary<unknown> {
  const { $ref, enum: choices, anyOf, type, format, items } = schema;
  if (typeof $ref === 'string') {
    return rightFor(document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {});
  }
  if (Array.isArray(choices)) return fc.constantFrom(...choices);
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map(rightFor));
  switch (Array.isArray(type) ? type[0] : type) {
    case 'object':
      return objectFor(schema);
    case 'array':
      return fc.array(valueFor(Object(items)), { maxLength: 4 });
    case 'integer':
    case 'number':
      return number;
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return format === 'uuid'
        ? id
        : format === 'duration'
          ? duration
          : format === 'date-time'
            ? instant
            : text;
    default:
      return fc.jsonValue();
  }
}

/** Ids that exist stand for the word "known", because they are not known while the cases are drawn. */
const resolve = (value: string, salt: number) =>
  value === 'known' ? (known[salt % known.length] ?? '') : value;
const replaceKnown = (value: unknown, salt: number): unknown =>
  JSON.parse(JSON.stringify(value ?? null), (_name, part) =>
    typeof part === 'string' ? resolve(part, salt) : part,
  );

const asText = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** Addresses hold no halves of surrogate pairs. */
const wellFormed = (value: string) => value.replaceAll(/\p{Surrogate}/gu, '?');

interface Drawn {
  path: Record<string, string>;
  query: Record<string, string>;
  body: unknown;
  headers: Record<string, string>;
  salt: number;
}

function requestFor({ parameters, requestBody }: Operation): fc.Arbitrary<Drawn> {
  const inside = (place: string) =>
    parameters
      .filter((one) => one.in === place)
      .map((one) => [String(one.name), Object(one.schema)] as const);
  const texts = (place: string) =>
    fc.record(
      Object.fromEntries(inside(place).map(([name, schema]) => [name, valueFor(schema).map(asText)])),
      place === 'query' ? { requiredKeys: [] } : {},
    );
  const content = Object(Object(requestBody).content)['application/json'];
  const key = fc.oneof(fc.constantFrom('', 'same', 'k'.repeat(300)), fc.uuid());
  return fc.record({
    path: texts('path') as fc.Arbitrary<Record<string, string>>,
    query: texts('query') as fc.Arbitrary<Record<string, string>>,
    body: content === undefined ? fc.constant(undefined) : valueFor(Object(content).schema),
    headers: fc.record(
      {
        'idempotency-key': key,
        'if-match': fc.constantFrom('*', '""', 'x', 'W/"a", "b"'),
        'if-none-match': key,
      },
      { requiredKeys: [] },
    ),
    salt: fc.nat(),
  });
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([, { operationId }]) => operationId !== 'streamRotationEvents')
    .map(([method, operation]) => [`${method.toUpperCase()} ${path}`, method, path, operation] as const),
);

test.each(operations)(
  '%s: no odd request is an error of ours',
  async (_name, method, template, operation) => {
    await fc.assert(
      fc.asyncProperty(requestFor(operation), async ({ path, query, body, headers, salt }) => {
        const filled = template.replaceAll(/\{(\w+)\}/g, (_all, name) =>
          encodeURIComponent(wellFormed(resolve(path[name] ?? '', salt))),
        );
        const search = new URLSearchParams(query).toString();
        const answer = await askRaw(method.toUpperCase(), `${filled}${search === '' ? '' : `?${search}`}`, {
          caller: { id: newId(), role: 'admin' },
          headers,
          ...(body === undefined ? {} : { body: replaceKnown(body, salt) }),
        });
        const told = await answer.text();
        expect(answer.status, told).toBeLessThan(500);
        expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      }),
      { numRuns: 25 },
    );
  },
);

test.each(operations)('%s: no odd text is an error of ours', async (_name, method, template) => {
  const path = template.replaceAll(/\{\w+\}/g, () => newId());
  const texts = [
    '',
    ' ',
    'null',
    '[]',
    '"x"',
    '1e999',
    '{"a":',
    '{"__proto__":{"x":1}}',
    '['.repeat(9999),
    'x'.repeat(1_100_000),
  ];
  for (const sent of method === 'get' ? [] : texts) {
    const answer = await askRaw(method.toUpperCase(), path, {
      text: sent,
      caller: { id: newId(), role: 'admin' },
    });
    expect(answer.status, sent.slice(0, 40)).toBeLessThan(500);
  }
});
