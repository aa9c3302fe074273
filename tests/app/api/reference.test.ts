import { expect, test } from 'vitest';
import { drawDocument } from '#app/_doors/api/openapi.ts';
import { routes } from '#app/_doors/api/routes.ts';
import { linesOf } from '#app/(console)/developer-tools/reference/schema-words.ts';

const { schemas } = drawDocument(routes, 'https://rekey.example').components;

test.each(Object.entries(schemas))('the reference can tell the fields of %s', (_name, schema) => {
  expect(linesOf(schema).length).toBeGreaterThan(Object.keys(Object(schema.properties)).length - 1);
});

test('fields inside fields are told with their path, their type and what they refer to', () => {
  const lines = linesOf(schemas.Approval);
  expect(lines.find(({ name }) => name === 'given[].at')).toMatchObject({
    type: 'date-time',
    required: true,
  });
  expect(lines.find(({ name }) => name === 'plan')).toMatchObject({ type: 'Plan', ref: 'Plan' });
});
