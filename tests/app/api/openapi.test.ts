import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { drawDocument, type Operation } from '#app/_doors/api/openapi.ts';
import { takesKey } from '#app/_doors/api/repeat.ts';
import { routes } from '#app/_doors/api/routes.ts';
import { requestOf } from '#tests/app/api/ask.ts';
import { requireDocumented } from '#tests/app/api/documented.ts';

const document = drawDocument(routes, 'https://rekey.example');
const text = JSON.stringify(document);

const operationOf = (method: string, path: string): Operation | undefined =>
  document.paths[path]?.[method.toLowerCase()];

test('the document is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(JSON.parse(text));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

test('the validator refuses a document with an operation that answers nothing', async () => {
  const broken = JSON.parse(text);
  broken.paths['/issuers'].get.responses = { '200': {} };
  expect((await new Validator().validate(broken)).valid).toBe(false);
});

test('every reference leads to something in the document', () => {
  const refs = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
  expect(refs.length).toBeGreaterThan(100);
  expect([...text.matchAll(/"\$ref":/g)]).toHaveLength(refs.length);
  for (const [, part = '', name = ''] of refs) {
    const found = Object(document.components)[part]?.[name];
    expect(found, `${part}/${name}`).toBeTypeOf('object');
    // A name that only refers, to itself at worst, says nothing.
    expect(found, `${part}/${name}`).not.toHaveProperty('$ref');
  }
});

test('no two routes have the same method and path, and no two operations the same name', () => {
  const paths = routes.map(({ method, path }) => `${method} ${path}`);
  const ids = routes.map(({ operationId }) => operationId);
  expect(paths).toEqual([...new Set(paths)]);
  expect(ids).toEqual([...new Set(ids)]);
});

test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
  '%s is documented as it is: its roles, its status, its body and its answer',
  (_name, route) => {
    const operation = operationOf(route.method, route.path);
    expect(operation?.operationId).toBe(route.operationId);
    for (const role of route.rule.may) {
      expect(operation?.description).toContain(role);
    }
    expect(operation?.responses).toHaveProperty(String(route.status));
    expect(operation?.requestBody !== undefined).toBe(route.body !== undefined);
    const isKeyed = operation?.parameters.some(({ name }) => name === 'Idempotency-Key');
    expect(isKeyed).toBe(takesKey(route));
  },
);

test.each([
  ['GET', '/audit-events', [422]],
  ['GET', '/audit-events/export', [422]],
  ['GET', '/calendar', [422]],
  ['GET', '/issuers/{issuerId}/browse', [422]],
  ['GET', '/credentials/{credentialId}/evidence', [422]],
  ['GET', '/bindings', [404]],
  ['GET', '/rotations', [404]],
  ['GET', '/bindings/{bindingId}/secret', [304, 409]],
  ['GET', '/credentials', [304, 421]],
  ['POST', '/credentials', [404, 411]],
  ['POST', '/bindings', [404]],
  ['POST', '/batches/plan', [404]],
  ['PUT', '/policies/{policyId}', [412]],
] as const)('the document says of %s %s that it may answer %j', (method, path, statuses) => {
  const named = Object.keys(operationOf(method, path)?.responses ?? {});
  expect(named).toEqual(expect.arrayContaining(statuses.map(String)));
});

test('an answer with a status that the document does not name is found in every test that asks the API', () => {
  const rotations = requestOf('GET', '/rotations?limit=5');
  expect(() => requireDocumented(rotations, 200)).not.toThrow();
  expect(() => requireDocumented(rotations, 410)).toThrow(/GET \/rotations answered 410/);
  // Nothing of the document is at this address, so it says nothing of what is answered there.
  expect(() => requireDocumented(requestOf('GET', '/nowhere'), 404)).not.toThrow();
  expect(() => requireDocumented(requestOf('DELETE', '/rotations'), 405)).not.toThrow();
});

test('an operation that takes a fresh token says so', () => {
  const people = ['confirmBreakGlass'];
  const fresh = routes.filter(({ rule, operationId }) => {
    const { stepUp } = z.looseObject({ stepUp: z.boolean().default(false) }).parse({ ...rule });
    return stepUp && !people.includes(operationId);
  });
  expect(fresh.length).toBeGreaterThan(15);
  const silent = fresh.filter(({ description = '' }) => !description.includes('younger than five minutes'));
  expect(silent.map(({ operationId }) => operationId)).toEqual([]);
});

test('every POST that changes something takes an Idempotency-Key, but for those that the page names', () => {
  const others = routes.filter(
    (route) => route.method === 'POST' && route.rule.effect === 'change' && !takesKey(route),
  );
  expect(others.map(({ operationId }) => operationId).sort()).toEqual([
    'checkIssuer',
    'checkTarget',
    'findSecret',
    'ignoreFinding',
    'importMapped',
    'reportVersion',
    'revealSecret',
    'tryNotifier',
    'tryWebhookEndpoint',
    'verifyAudit',
  ]);
});

test('values of secrets are only ever sent, and marked so', () => {
  for (const name of ['SubmitSecretBody', 'ImportCredentialBody', 'FindSecretBody', 'ImportMappedBody']) {
    expect(JSON.stringify(document.components.schemas[name]), name).toContain('"writeOnly":true');
  }
});
