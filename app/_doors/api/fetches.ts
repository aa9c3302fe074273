import { z } from 'zod';
import { id, instant } from '#app/_doors/api/common.ts';
import { pageOf, wholeList } from '#app/_doors/api/page.ts';
import { HttpProblem } from '#app/_doors/api/problem.ts';
import { type Asked, answering, type Done, type Route, removing } from '#app/_doors/api/route.ts';
import type { Actor } from '#core/access/actor.ts';
import { allowConsumer } from '#core/credentials/allow-consumer.ts';
import { fetchSecret } from '#core/credentials/fetch-secret.ts';
import { listFetches } from '#core/credentials/list-fetches.ts';
import { removeConsumer } from '#core/credentials/remove-consumer.ts';
import { reportVersion } from '#core/credentials/report-version.ts';
import type { Plaintext } from '#lib/plaintext.ts';

const tag = 'bindings';
const LONGEST_SECONDS = 30;

const served = z.object({
  version: id,
  entries: z
    .record(z.string(), z.string())
    .meta({ description: 'Key of the binding to value. Keep it in memory.' }),
});

const secret = served
  .extend({ next: served.optional().meta({ description: 'To be used once the other one is refused.' }) })
  .meta({ id: 'ServedSecret' });

const waiting = z.strictObject({
  wait: z.coerce
    .number()
    .int()
    .min(0)
    .max(LONGEST_SECONDS)
    .optional()
    .meta({
      description: `Seconds to wait for another version than \`If-None-Match\` names, at most ${LONGEST_SECONDS}. \`Prefer: wait=N\` says the same.`,
    }),
});

/** `Prefer: wait=N` (RFC 7240, 4.3). A preference that cannot be met is ignored. */
function preferredWait(request: Request): number {
  const wait = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(request.headers.get('prefer') ?? '')?.[1];
  return Math.min(Number(wait ?? 0), LONGEST_SECONDS);
}

/** The tags of a header `If-None-Match`, compared weakly (RFC 9110, 13.1.2). */
const tagsIn = (header: string) => [...header.matchAll(/"([^"]*)"/g)].map(([, one = '']) => one);

const expose = (entries: Readonly<Record<string, Plaintext>>) =>
  Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, value.expose()]));

async function performFetch(actor: Actor, { path, query }: Asked, request: Request): Promise<Done> {
  if (request.method === 'HEAD') {
    const sentence = 'A secret is fetched with GET, so that it is known who has it.';
    throw new HttpProblem(405, 'method_not_allowed', sentence, { allow: 'GET' });
  }
  const { tag: etag, secret: found } = await fetchSecret(actor, {
    bindingId: path.bindingId ?? '',
    has: tagsIn(request.headers.get('if-none-match') ?? ''),
    waitSeconds: waiting.parse(query).wait ?? preferredWait(request),
    signal: request.signal,
  });
  const headers = { etag: `"${etag}"`, 'cache-control': 'no-store' };
  if (found === null) {
    return { headers, notModified: true };
  }
  const { version, entries, next } = found;
  const beside = next === undefined ? {} : { next: { ...next, entries: expose(next.entries) } };
  return { headers, body: { version, entries: expose(entries), ...beside } };
}

const fetchRoute: Route = {
  method: 'GET',
  path: '/bindings/{bindingId}/secret',
  operationId: 'fetchSecret',
  tag,
  summary: 'Fetch what is served to a binding, as the API client that was allowed to',
  description:
    'The `ETag` names the version. With `If-None-Match` the answer is 304 as long as it is the same, and with `wait` it comes as soon as it is not. Nobody else can fetch, whatever the role.',
  refuses: ['409'],
  rule: fetchSecret,
  query: waiting,
  status: 200,
  answers: secret,
  perform: performFetch,
};

const consumerView = z.object({ version: z.int(), at: instant }).nullable();

const fetches = z
  .object({
    bindingId: id,
    target: z.string(),
    served: z.int().meta({ description: 'The number of the version that is served.' }),
    next: z.int().nullable().meta({ description: 'The one that lies beside it in the slot `next`.' }),
    consumers: z.array(
      z.object({
        clientId: id,
        client: z.string(),
        revoked: z.boolean(),
        fetched: consumerView.meta({ description: 'What it fetched last.' }),
        reported: consumerView.meta({ description: 'What it last said that it uses.' }),
      }),
    ),
  })
  .meta({ id: 'Fetches' });

/** The pull target: what consumers fetch, what they report, and who may. */
export const fetchRoutes = [
  fetchRoute,
  answering({
    method: 'POST',
    path: '/bindings/{bindingId}/reports',
    operationId: 'reportVersion',
    tag,
    summary: 'Say, as a consumer, which version is used now',
    calls: reportVersion,
    body: z.strictObject({ version: id.meta({ description: 'As it was fetched.' }) }),
    input: ({ path, body }) => ({ ...path, ...body }),
    answers: z.object({ version: id, reportedAt: instant }),
    answer: (noted) => noted,
  }),
  answering({
    method: 'PUT',
    path: '/bindings/{bindingId}/consumers/{clientId}',
    operationId: 'allowConsumer',
    tag,
    summary: 'Let an API client fetch for a binding',
    description: 'Takes a token that is younger than five minutes.',
    calls: allowConsumer,
    input: ({ path }) => path,
    answers: z.object({ bindingId: id, clientId: id, client: z.string() }),
    answer: (allowed) => allowed,
  }),
  removing({
    method: 'DELETE',
    path: '/bindings/{bindingId}/consumers/{clientId}',
    operationId: 'removeConsumer',
    tag,
    summary: 'Take that right away',
    calls: removeConsumer,
    input: ({ path }) => path,
  }),
  answering({
    method: 'GET',
    path: '/credentials/{credentialId}/fetches',
    operationId: 'listFetches',
    tag,
    summary: 'Which version each consumer last fetched and reported',
    calls: listFetches,
    input: ({ path }) => path,
    answers: pageOf(fetches),
    answer: (found) => wholeList(found),
  }),
];
