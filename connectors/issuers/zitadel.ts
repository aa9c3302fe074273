import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import { clientFields, oneSecret } from '#connectors/client-sign-in.ts';
import {
  type Browsed,
  type Call,
  ConnectorError,
  type Fields,
  type Issued,
  type IssuerConnector,
  type IssueWish,
  secretText,
} from '#connectors/contract.ts';
import { accept, type Expectation, errorCodeOf, parseJson, send } from '#connectors/exchange.ts';
import { tlsFields } from '#connectors/tls.ts';
import type { HttpRequest } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  baseUrl: z.url({ protocol: /^https?$/ }).meta({
    title: 'Address',
    description: 'The custom domain of the instance, such as https://NAME.zitadel.cloud.',
  }),
  token: secretText().meta({
    title: 'Personal access token',
    description: 'Of a service account that may write the applications of the project.',
  }),
  ...tlsFields,
});

const id = (title: string) =>
  z
    .string()
    .regex(/^[\w-]{1,200}$/)
    .meta({ title });

const place = z.object({ projectId: id('Project ID'), applicationId: id('Application ID') });

type Place = z.output<typeof place>;
type AdminCall = Call<z.output<typeof config>, unknown>;
type ZitadelCall = Call<z.output<typeof config>, Place>;

const settings = z.object({ clientId: z.string().min(1), authMethodType: z.string().nullish() });
const application = z.object({
  applicationId: z.string().min(1),
  projectId: z.string().nullish(),
  name: z.string().nullish(),
  oidcConfiguration: settings.nullish(),
  apiConfiguration: settings.nullish(),
});
const got = z.object({ application });
const listed = z.object({ applications: z.array(application).default([]) });
const generated = z.object({
  clientSecret: z
    .string()
    .min(1)
    .transform((value) => new Plaintext(value)),
});
const introspected = z.object({ active: z.boolean() });

const MOST_APPLICATIONS = 300;

/**
 * Client secrets of API and OIDC applications of ZITADEL 4 and later, by the application service v2:
 * `GenerateClientSecret` makes a secret of its own choice and replaces the one there is at once
 * (https://zitadel.com/docs/reference/api/application/zitadel.application.v2.ApplicationService.GenerateClientSecret).
 * ZITADEL keeps a hash, lists nothing and gives nothing back.
 *
 * Applications get no tokens by client credentials there (service accounts do), so a secret is tried at the
 * introspection endpoint, which refuses a wrong one before it looks at the token
 * (https://zitadel.com/docs/guides/integrate/token-introspection/basic-auth).
 */
export const zitadel: IssuerConnector<typeof config, typeof place> = {
  kind: 'zitadel',
  title: 'ZITADEL',
  aliases: ['OAuth client', 'OIDC', 'client secret'],
  docs: 'https://zitadel.com/docs/reference/api/application/zitadel.application.v2.ApplicationService.GenerateClientSecret',
  needs: 'The permissions project.app.read and project.app.write, for example as a Project Owner.',
  proven: { against: 'documented fake', what: 'ZITADEL application service v2', on: '2026-11-25' },
  config,
  place,
  secretField: 'clientSecret',
  can: () => oneSecret({ chosenValue: false, readBack: false }),
  check: async (call) => void (await clientOf(call)),
  issue,
  verify,
  browse,
};

/** The client ID of the application, where it signs in with a secret. */
async function clientOf(call: ZitadelCall): Promise<string> {
  const { projectId, applicationId } = call.place;
  const what = `Reading the application ${applicationId}`;
  const found = await ask(call, 'GetApplication', { applicationId }, { what, repeatable: true }, got);
  const refuse = (why: string) => new ConnectorError(`${why} Nothing was changed.`, 'never');
  const owner = found.application.projectId;
  if (owner && owner !== projectId)
    throw refuse(
      `The application ${applicationId} belongs to the project ${owner}, not to ${projectId}. Correct the place.`,
    );
  const clientId = secretClientOf(found.application);
  if (clientId !== null) return clientId;
  throw refuse(`The application ${applicationId} does not sign in with a secret.`);
}

/** In proto3 JSON the first value of an enumeration, here BASIC, is left out. */
function secretClientOf(one: z.output<typeof application>): string | null {
  const found = one.oidcConfiguration ?? one.apiConfiguration;
  if (found === null || found === undefined) return null;
  return /_(BASIC|POST)$/.test(found.authMethodType ?? '_BASIC') ? found.clientId : null;
}

async function issue(call: ZitadelCall, wish: IssueWish): Promise<Issued> {
  const { projectId, applicationId } = call.place;
  const clientId = await clientOf(call);
  const what = `Generating a secret for the application ${applicationId}`;
  const { clientSecret } = await ask(
    call,
    'GenerateClientSecret',
    { projectId, applicationId },
    { what },
    generated,
  );
  return { externalId: `secret#${wish.rotationId}`, fields: clientFields(clientId, clientSecret) };
}

async function verify(call: ZitadelCall, fields: Fields): Promise<'accepted' | 'rejected'> {
  const { clientId, clientSecret } = fields;
  if (clientId === undefined || clientSecret === undefined)
    throw new ConnectorError('This version lacks `clientId` or `clientSecret` to sign in with.', 'never');
  const encoded = [clientId, clientSecret].map((part) => encodeURIComponent(part.expose())).join(':');
  const request: HttpRequest = {
    method: 'POST',
    url: addressOf(call.config.baseUrl, '/oauth/v2/introspect'),
    headers: {
      accept: 'application/json',
      authorization: `Basic ${Buffer.from(encoded).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'token=no-token-at-all',
  };
  const expectation = { ok: [200], what: 'Trying the secret', repeatable: true, schema: introspected };
  const response = await send(call, request, expectation);
  const code = errorCodeOf(parseJson(response.text)) ?? '';
  const refused = ['invalid_client', 'unauthorized_client'].includes(code);
  if (refused && (response.status === 401 || response.status === 400)) return 'rejected';
  accept(request, response, expectation);
  return 'accepted';
}

async function browse(call: AdminCall): Promise<Browsed[]> {
  const body = { pagination: { limit: MOST_APPLICATIONS } };
  const expectation = { what: 'Listing the applications', repeatable: true };
  const found = await ask(call, 'ListApplications', body, expectation, listed);
  return found.applications.slice(0, MOST_APPLICATIONS).flatMap((one) => {
    const { applicationId, projectId, name } = one;
    const clientId = secretClientOf(one);
    if (clientId === null || !projectId) return [];
    const secrets = [{ externalId: 'secret', createdAt: null, lastUsedAt: null }];
    return [
      { place: { projectId, applicationId }, label: name ? `${name} (${clientId})` : clientId, secrets },
    ];
  });
}

/** One call of the application service by the Connect protocol. */
async function ask<S extends z.ZodType>(
  call: AdminCall,
  method: 'GetApplication' | 'ListApplications' | 'GenerateClientSecret',
  body: object,
  { what, repeatable = false }: Pick<Expectation, 'what' | 'repeatable'>,
  schema: S,
): Promise<z.output<S>> {
  const request: HttpRequest = {
    method: 'POST',
    url: addressOf(call.config.baseUrl, `/zitadel.application.v2.ApplicationService/${method}`),
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${call.config.token.expose()}`,
      'connect-protocol-version': '1',
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  };
  const expectation = { ok: [200], what, repeatable, schema };
  const response = await send(call, request, expectation);
  if (response.status === 403) {
    const permission = method === 'GenerateClientSecret' ? 'project.app.write' : 'project.app.read';
    const sentence = `${what} failed: the account of the stored token lacks the permission ${permission}. Make it an owner of the project. Nothing was changed.`;
    throw new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  return accept(request, response, expectation);
}
