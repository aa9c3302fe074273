import { z } from 'zod';
import type { Document, Operation } from '#app/_doors/api/openapi.ts';

/** The parts of one call, by the names of the document. */
export interface Parts {
  path?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  headers?: Record<string, string>;
}

type Send = (path: string, init: RequestInit) => Promise<Response>;

interface Found {
  method: string;
  template: string;
  operation: Operation;
}

function findOperation(document: Document, operationId: string): Found {
  for (const [template, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.operationId === operationId) return { method: method.toUpperCase(), template, operation };
    }
  }
  throw new Error(`The document knows no operation ${operationId}.`);
}

/** A schema of the document, which may refer to others in it. */
function schemaOf(document: Document, schema: unknown): z.ZodType {
  const local = (value: unknown) =>
    JSON.parse(JSON.stringify(value).replaceAll('#/components/schemas/', '#/$defs/'));
  return z.fromJSONSchema({ ...local(schema), $defs: local(document.components.schemas) });
}

const contentOf = z.looseObject({
  content: z.record(z.string(), z.looseObject({ schema: z.unknown() })).default({}),
});

/**
 * A client made from nothing but the document: it knows addresses, parameters and bodies from there, and refuses to
 * send or to take what the document does not say.
 */
export function makeClient(document: Document, send: Send) {
  return async (operationId: string, { path = {}, query = {}, body, headers = {} }: Parts = {}) => {
    const { method, template, operation } = findOperation(document, operationId);
    const known = operation.parameters.map(({ name }) => String(name).toLowerCase());
    for (const name of [...Object.keys(path), ...Object.keys(query), ...Object.keys(headers)]) {
      if (!known.includes(name.toLowerCase())) throw new Error(`${operationId} documents no ${name}.`);
    }
    const given = contentOf.parse(operation.requestBody ?? {}).content['application/json'];
    if (body !== undefined) {
      if (given === undefined) throw new Error(`${operationId} documents no body.`);
      schemaOf(document, given.schema).parse(body);
    }
    const search = new URLSearchParams(query).toString();
    const target = template.replaceAll(/\{(\w+)\}/g, (_all, name) => path[name] ?? '');
    const answer = await send(`${target}${search === '' ? '' : `?${search}`}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const value: Record<string, unknown> = text === '' ? {} : JSON.parse(text);
    const documented = operation.responses[String(answer.status)];
    if (documented === undefined) {
      throw new Error(`${operationId} answered ${answer.status}, which is not documented: ${text}`);
    }
    const said = '$ref' in documented ? document.components.responses.Problem : documented;
    for (const { schema } of Object.values(contentOf.parse(said).content)) {
      schemaOf(document, schema).parse(value);
    }
    return { status: answer.status, headers: answer.headers, body: value };
  };
}
