import { createHash } from 'node:crypto';
import { z } from 'zod';
import { check, readBody, readQuery } from '#app/_doors/api/body.ts';
import { findRoute } from '#app/_doors/api/find-route.ts';
import { HttpProblem, problemAnswer } from '#app/_doors/api/problem.ts';
import { performOnce } from '#app/_doors/api/repeat.ts';
import { type Asked, type Done, type Route, typesOf } from '#app/_doors/api/route.ts';
import type { Actor } from '#core/access/actor.ts';
import { countRequest, requestLimit } from '#core/access/request-limit.ts';
import { requireRole } from '#core/access/use-case.ts';
import { newId } from '#lib/new-id.ts';
import { notFound, Problem } from '#lib/problem.ts';

/** What the dispatcher is made of. */
export interface Api {
  readonly routes: readonly Route[];
  /** Who asks, by the token alone. Throws a `Problem` 401. */
  readonly actorOf: (request: Request) => Promise<Actor>;
}

/** Refuses an `Accept` that takes nothing of what the route answers (RFC 9110, 12.5.1). */
function requireAcceptable(request: Request, types: readonly string[]): void {
  const ranges = (request.headers.get('accept') ?? '*/*')
    .split(',')
    .map((range) => range.trim().toLowerCase());
  const takes = [...types.flatMap((type) => [type, `${type.split('/')[0]}/*`]), '*/*'];
  const isTaken = (range: string) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    return takes.includes(name) && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  };
  if (!ranges.some(isTaken)) {
    throw new HttpProblem(
      406,
      'not_acceptable',
      `This is answered as ${types.join(' or ')} only. Nothing was changed.`,
    );
  }
}

/** Counts the request. Throws a problem 429 where it is one too many; answers the headers that tell how many are left. */
async function takeAllowance(actor: Actor): Promise<Record<string, string>> {
  const { left, seconds } = await countRequest(`${actor.kind}:${actor.id}`);
  // draft-ietf-httpapi-ratelimit-headers-10
  const headers = {
    'ratelimit-policy': `"default";q=${requestLimit.requests};w=${requestLimit.seconds}`,
    ratelimit: `"default";r=${Math.max(0, left)};t=${seconds}`,
  };
  if (left < 0) {
    const sentence = `More than ${requestLimit.requests} requests in ${requestLimit.seconds} s. Nothing was changed; go on in ${seconds} s.`;
    throw new HttpProblem(429, 'too_many_requests', sentence, { ...headers, 'retry-after': String(seconds) });
  }
  return headers;
}

/** Ids in a path are UUIDs; audit events are numbered. Another text names nothing. */
function requireIds(params: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(params)) {
    const isId = name === 'eventId' ? /^\d{1,18}$/.test(value) : z.uuid().safeParse(value).success;
    if (!isId) {
      throw notFound(name.replace(/Id$/, ''));
    }
  }
}

const etagOf = (text: string) => `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;

const names = (header: string, etag: string) =>
  header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);

/** What is answered, as text: only what its schema names. */
const render = (route: Route, body: unknown) => JSON.stringify(route.answers?.parse(body));

/** Refuses a change that was made on the ground of another state than the present one. Answers what core asks for again. */
async function requireSame(
  route: Route,
  actor: Actor,
  asked: Asked,
  request: Request,
): Promise<Pick<Asked, 'ground'>> {
  const wanted = request.headers.get('if-match');
  if (wanted === null || route.protects === undefined) {
    return {};
  }
  const { body, ground } = await route.protects(actor, asked);
  // Strong comparison (RFC 9110, 13.1.1): a weak one names no exact state.
  const same = wanted
    .split(',')
    .some((one) => one.trim() === '*' || one.trim() === etagOf(render(route, body)));
  if (!same) {
    const sentence =
      'It has been changed since you read it. Nothing was changed; read it again, then decide.';
    throw new Problem(412, 'changed_meanwhile', sentence);
  }
  return { ground };
}

function toAnswer(route: Route, done: Done, request: Request): Response {
  const headers = new Headers(done.headers);
  if (done.notModified) {
    return new Response(null, { status: 304, headers });
  }
  if (route.answers === undefined) {
    return new Response(null, { status: route.status, headers });
  }
  const text = render(route, done.body);
  headers.set('content-type', 'application/json');
  // A route that names its own state has looked at the condition already.
  if (!headers.has('etag') && (route.method === 'GET' || route.protects !== undefined)) {
    const etag = etagOf(text);
    headers.set('etag', etag);
    if (names(request.headers.get('if-none-match') ?? '', etag)) {
      return new Response(null, { status: 304, headers });
    }
  }
  return new Response(request.method === 'HEAD' ? null : text, { status: route.status, headers });
}

async function answer(api: Api, request: Request, requestId: string, more: Headers): Promise<Response> {
  const url = new URL(request.url);
  const { route, params } = findRoute(api.routes, request.method, url.pathname.replace(/^\/api\/v1/, ''));
  const found = await api.actorOf(request);
  const address = request.headers.get('x-real-ip');
  const actor = { ...found, requestId, ...(address === null ? {} : { address }) };
  for (const [name, value] of Object.entries(await takeAllowance(actor))) {
    more.set(name, value);
  }
  requireRole(actor, route.rule);
  requireAcceptable(request, typesOf(route));
  requireIds(params);
  const query = check(route.query ?? z.strictObject({}), readQuery(url.searchParams));
  const { text, value } = route.method === 'GET' ? { text: '', value: undefined } : await readBody(request);
  const body = check(route.body ?? z.union([z.undefined(), z.strictObject({})]), value);
  const asked = { path: params, query, body };
  if (route.stream !== undefined) {
    return route.stream(actor, asked, request);
  }
  const ground = await requireSame(route, actor, asked, request);
  const done = await performOnce({ route, actor, request, text }, (changed) =>
    route.perform(actor, { ...asked, ...ground }, request, changed),
  );
  return toAnswer(route, done, request);
}

/** Answers one request: parse, actor, call core, answer. A refusal is a problem; every answer names its request. */
export async function dispatch(api: Api, request: Request): Promise<Response> {
  const requestId = newId();
  const more = new Headers({ 'x-request-id': requestId, 'cache-control': 'no-store' });
  const found = await answer(api, request, requestId, more).catch((error: unknown) =>
    problemAnswer(error, requestId),
  );
  const { status, body } = found;
  const headers = new Headers(found.headers);
  for (const [name, value] of more) {
    // What an answer says itself stays.
    if (!headers.has(name)) {
      headers.set(name, value);
    }
  }
  return new Response(body, { status, headers });
}
