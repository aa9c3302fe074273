import { z } from 'zod';
import { type Call, ConnectorError, secretText } from '#connectors/contract.ts';
import { parseJson, retryAfter } from '#connectors/exchange.ts';
import { type JsonApi, limitEnd, segment } from '#connectors/json-api.ts';
import { tlsFields } from '#connectors/tls.ts';
import type { HttpResponse } from '#lib/http.ts';

export const githubConfig = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://api.github.com')
    .meta({
      title: 'Address of the API',
      description: 'For GitHub Enterprise Server: https://HOST/api/v3.',
    }),
  token: secretText().meta({
    title: 'Token',
    description: 'A fine-grained personal access token, a classic one, or one of a GitHub App.',
  }),
  ...tlsFields,
});

const name = z.string().regex(/^[\w.-]{1,100}$/, 'must be a name as it stands in the address of the page');

export const githubPlace = z
  .object({
    owner: name.meta({ title: 'Owner', description: 'The organization or user.' }),
    repository: name.optional().meta({
      title: 'Repository',
      description: 'Left empty, the secrets are those of the organization.',
    }),
    environment: z.string().min(1).max(255).optional().meta({
      title: 'Environment',
      description: 'Left empty, the secrets are those of the repository.',
    }),
    visibility: z.enum(['private', 'all']).default('private').meta({
      title: 'Who may use a new organization secret',
      description: 'Repositories of the organization. The choice at secrets that are there is never changed.',
      setting: true,
    }),
  })
  .refine(
    ({ repository, environment }) => environment === undefined || repository !== undefined,
    'An environment belongs to a repository: enter both.',
  );

type Place = z.output<typeof githubPlace>;
export type GithubCall = Call<z.output<typeof githubConfig>, Place>;

export function apiOf({ config, place }: GithubCall): JsonApi {
  return {
    baseUrl: config.baseUrl,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${config.token.expose()}`,
      'user-agent': 'rekey',
      'x-github-api-version': '2022-11-28',
    },
    permission: permissionFor(place),
    ownError: limited,
  };
}

/** GitHub says with 403 or 429 that it is asked too often; only the headers tell it from a missing permission. */
function limited(response: HttpResponse, what: string): ConnectorError | undefined {
  if (response.status !== 403 && response.status !== 429) return undefined;
  const spent = response.headers['x-ratelimit-remaining'] === '0';
  const body = parseJson(response.text);
  const said = typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : '';
  const secondary = response.headers['retry-after'] !== undefined || /secondary rate limit/i.test(said);
  if (!spent && !secondary) return undefined;
  const sentence = `${what} failed: GitHub limits requests now (${response.status}). Nothing was changed; it will be asked again.`;
  // Where GitHub names no time, it asks to wait for a minute. Its reset header is about the hourly limit alone.
  const end = spent ? limitEnd(response) : retryAfter(response);
  return new ConnectorError(sentence, 'later', { retryAfterSeconds: 60, ...end });
}

function permissionFor({ repository, environment }: Place): string {
  if (repository === undefined)
    return '"Secrets" organization permission (write), or the scope admin:org at a classic token';
  const kind = environment === undefined ? 'Secrets' : 'Environments';
  return `"${kind}" repository permission (write), or the scope repo at a classic token`;
}

export function missing(place: Place): string {
  return `GitHub knows no ${placeName(place)} or does not show it to the stored token (404). Check the names, and that the token has ${permissionFor(place)}.`;
}

export function placeName({ owner, repository, environment }: Place): string {
  if (repository === undefined) return `organization ${owner}`;
  return `${environment === undefined ? '' : `environment ${environment} of `}repository ${owner}/${repository}`;
}

export function secretsPath({ owner, repository, environment }: Place): string {
  if (repository === undefined) return `/orgs/${segment(owner)}/actions/secrets`;
  const path = `/repos/${segment(owner)}/${segment(repository)}`;
  if (environment === undefined) return `${path}/actions/secrets`;
  return `${path}/environments/${segment(environment)}/secrets`;
}
