import { z } from 'zod';
import { problemSchema } from '#app/_doors/api/problem.ts';
import { takesKey } from '#app/_doors/api/repeat.ts';
import { type Route, typesOf } from '#app/_doors/api/route.ts';

type Json = Record<string, unknown>;

/** What the reference page and clients read of one operation. */
export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  parameters: Json[];
  requestBody?: Json;
  responses: Record<string, Json>;
}

/** The document as it is answered (OpenAPI 3.1.1). */
export interface Document {
  openapi: string;
  info: Json;
  servers: Json[];
  security: Json[];
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json>; securitySchemes: Json; responses: Json };
}

/** Drops what says the same anyway, and what would keep clients of an older document from reading newer answers. */
function tidy(io: 'input' | 'output', json: Json): void {
  delete json.id;
  if (io === 'output' && json.additionalProperties === false) {
    delete json.additionalProperties;
  }
  if (json.format === 'uuid' || json.format === 'date-time') {
    delete json.pattern;
  }
  // The numbers that JavaScript can count to are no rule of ours.
  for (const bound of ['minimum', 'maximum']) {
    if (Math.abs(Number(json[bound] ?? 0)) === Number.MAX_SAFE_INTEGER) {
      delete json[bound];
    }
  }
}

const anyObject = z.record(z.string(), z.unknown());

/** A schema and the named ones inside it, by name, as components that refer to each other. */
function draw(schema: z.ZodType, io: 'input' | 'output', name: string): Record<string, Json> {
  const override = ({ jsonSchema }: { jsonSchema: object }) => tidy(io, jsonSchema as Json);
  const drawn = z.toJSONSchema(schema, { io, unrepresentable: 'any', override });
  const moved: unknown = JSON.parse(JSON.stringify(drawn).replaceAll('"#/$defs/', '"#/components/schemas/'));
  const { $defs = {}, $schema: _dialect, ...root } = anyObject.parse(moved);
  // A schema with a name of its own is among its definitions too, and the root only refers to it.
  return { [name]: root, ...z.record(z.string(), anyObject).parse($defs) };
}

const upper = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
const refer = (name: string) => ({ $ref: `#/components/schemas/${name}` });

function queryParameters(route: Route): Json[] {
  return Object.entries(route.query?.shape ?? {}).map(([name, part]) => {
    const schema = z.instanceof(z.ZodType).parse(part);
    const { description, ...drawn } = draw(schema, 'input', name)[name] ?? {};
    const required = !schema.safeParse(undefined).success;
    return { name, in: 'query', required, ...(description ? { description } : {}), schema: drawn };
  });
}

const header = (name: string, description: string) => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string' },
});

function parametersOf(route: Route): Json[] {
  const ids = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema:
      name === 'eventId' ? { type: 'string', pattern: '^\\d{1,18}$' } : { type: 'string', format: 'uuid' },
  }));
  return [
    ...ids,
    ...queryParameters(route),
    ...(takesKey(route)
      ? [header('Idempotency-Key', 'The same key and request within 24 hours changes nothing more.')]
      : []),
    ...(route.protects === undefined ? [] : [header('If-Match', 'The ETag that the change is made on.')]),
    ...(hasCondition(route)
      ? [header('If-None-Match', 'An ETag; the answer is 304 where it is still the same.')]
      : []),
    ...(route.stream === undefined || route.types !== undefined
      ? []
      : [header('Last-Event-ID', 'The last event that was seen.')]),
  ];
}

const may = ({ rule }: Route) => `Roles: ${rule.may.join(', ')}.`;

/** Whether an answer has an ETag that the next request can name. */
const hasCondition = (route: Route) => route.method === 'GET' && route.stream === undefined;

/** The statuses of every refusal that a route can answer. */
function refusals(route: Route): string[] {
  const changes = route.method !== 'GET';
  // What was made under a key may be gone when the same request comes again.
  const namesOne = route.path.includes('{') || takesKey(route);
  return [
    '400',
    '401',
    '403',
    ...(namesOne ? ['404'] : []),
    '406',
    ...(changes ? ['409', '411', '413', '415', '422'] : []),
    ...(route.protects === undefined ? [] : ['412']),
    ...(route.refuses ?? []),
    '421',
    '429',
    '500',
    '503',
  ];
}

const common = {
  'X-Request-Id': { description: 'Names this request, also in the audit.', schema: { type: 'string' } },
};

const notModified = {
  description: 'It is still as `If-None-Match` says.',
  headers: { ...common, ETag: { schema: { type: 'string' } } },
};

function operationOf(route: Route, answer: string | null, body: string | null): Operation {
  const location = { Location: { schema: { type: 'string' } } };
  const types = typesOf(route).map((type) => [type, { schema: answer === null ? {} : refer(answer) }]);
  const content = answer === null ? {} : { content: Object.fromEntries(types) };
  const good = {
    description: route.status === 204 ? 'Done.' : 'As it stands now.',
    headers: { ...common, ...(route.status === 201 || route.status === 202 ? location : {}) },
    ...content,
  };
  const refused = refusals(route).map((status) => [status, { $ref: '#/components/responses/Problem' }]);
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, may(route)].filter((one) => one !== undefined).join(' '),
    parameters: parametersOf(route),
    ...(body === null
      ? {}
      : {
          requestBody: {
            required: !route.body?.safeParse({}).success,
            content: { 'application/json': { schema: refer(body) } },
          },
        }),
    responses: {
      [String(route.status)]: good,
      ...(hasCondition(route) ? { '304': notModified } : {}),
      ...Object.fromEntries(refused),
    },
  };
}

/** Draws the document from the table of routes. */
export function drawDocument(routes: readonly Route[], origin: string): Document {
  const schemas = draw(problemSchema, 'output', 'Problem');
  const paths: Document['paths'] = {};
  const name = (schema: z.ZodType | undefined, io: 'input' | 'output', fallback: string) => {
    if (schema === undefined) {
      return null;
    }
    const found = schema.meta()?.id ?? fallback;
    Object.assign(schemas, draw(schema, io, found));
    return found;
  };
  for (const route of routes) {
    const answer = name(route.answers, 'output', `${upper(route.operationId)}Answer`);
    const body = name(route.body, 'input', `${upper(route.operationId)}Body`);
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationOf(route, answer, body),
    };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Rekey',
      version: '1',
      description:
        'Rotates client secrets and other credentials without downtime. Refusals are problems (RFC 9457), durations ISO 8601, instants RFC 3339 in UTC.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: `${origin}/api/v1` }],
    security: [{ oauth: [] }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        oauth: {
          type: 'oauth2',
          flows: {
            clientCredentials: {
              tokenUrl: `${origin}/oauth/token`,
              scopes: { 'rekey:read': 'Look.', 'rekey:write': 'Do what the client’s role may.' },
            },
          },
        },
      },
      responses: {
        Problem: {
          description: 'A refusal. Nothing was changed unless the sentence says so.',
          headers: common,
          content: { 'application/problem+json': { schema: refer('Problem') } },
        },
      },
    },
  };
}
