import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import { type Call, ConnectorError, secretText } from '#connectors/contract.ts';
import { accept, type Expectation, parseJson, send } from '#connectors/exchange.ts';
import { accessToken, type ClientSignIn } from '#connectors/token-endpoint.ts';
import type { Http, HttpRequest, HttpResponse } from '#lib/http.ts';

const PUBLIC = { login: 'https://login.microsoftonline.com', graph: 'https://graph.microsoft.com' };

export const config = z.object({
  tenant: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,253}$/, 'is neither an ID nor a domain')
    .meta({
      title: 'Tenant',
      description: 'The directory (tenant) ID, or one of its domains.',
    }),
  clientId: z.string().min(1).max(128).meta({
    title: 'Client ID of Rekey',
    description:
      'An app registration with the Microsoft Graph application permission Application.ReadWrite.OwnedBy.',
  }),
  clientSecret: secretText().meta({ title: 'Client secret of Rekey' }),
  loginUrl: z
    .url({ protocol: /^https?$/ })
    .default(PUBLIC.login)
    .meta({
      title: 'Sign-in address',
      description:
        'US Government: https://login.microsoftonline.us. China: https://login.partner.microsoftonline.cn.',
      rare: true,
    }),
  graphUrl: z
    .url({ protocol: /^https?$/ })
    .default(PUBLIC.graph)
    .meta({
      title: 'Microsoft Graph address',
      description:
        'US Government: https://graph.microsoft.us, DoD: https://dod-graph.microsoft.us. China: https://microsoftgraph.chinacloudapi.cn.',
      rare: true,
    }),
  graphScope: z.string().min(1).max(300).default(`${PUBLIC.graph}/.default`).meta({
    title: 'Scope for Microsoft Graph',
    description: 'The address of Microsoft Graph in this cloud, and /.default.',
    rare: true,
  }),
});

export type Config = z.output<typeof config>;
type Asking = Pick<Call<Config, unknown>, 'config' | 'http' | 'remember'>;
type Wanted<S> = Expectation & {
  schema: S;
  fault?: (code: string, message: string) => 'handled' | undefined;
};

const fault = z.object({ error: z.object({ code: z.string(), message: z.string().default('') }) });
const claims = z.object({ roles: z.array(z.string()) });
const tokenFault = z.object({ error: z.string(), error_codes: z.array(z.number()).default([]) });

/** Not found in the tenant, and disabled. Both are said before the secret is looked at. */
const NO_SUCH_CLIENT = [700016, 7000112];

export function tokenUrlOf({ loginUrl, tenant }: Config): string {
  return addressOf(loginUrl, `/${tenant}/oauth2/v2.0/token`);
}

function management(config: Config): ClientSignIn {
  const { clientId, clientSecret, graphScope: scope } = config;
  return { tokenUrl: tokenUrlOf(config), clientId, clientSecret, scope, auth: 'post' };
}

/** The application permissions in a fresh token, as far as it is one that can be looked into; otherwise null. */
export async function permissionsOf({ config, http }: Asking): Promise<string[] | null> {
  const fresh = {
    http: judged(http),
    remember: async (_name: string, make: () => Promise<{ value: Token }>) => (await make()).value,
  };
  const token = await accessToken(fresh, management(config));
  const [, payload = ''] = token.expose().split('.');
  const read = claims.safeParse(parseJson(Buffer.from(payload, 'base64url').toString()));
  if (read.success) return read.data.roles;
  return payload === '' ? null : [];
}

type Token = Awaited<ReturnType<typeof accessToken>>;

/**
 * One call to Microsoft Graph, with the errors that mean more than their status: concurrent changes in a tenant come as
 * 400, 409 or 503, change nothing, and are later.
 */
export async function askGraph<S extends z.ZodType>(
  call: Asking,
  method: HttpRequest['method'],
  path: string,
  wanted: Wanted<S>,
  body?: object,
): Promise<z.output<S> | 'handled'> {
  const token = await accessToken({ ...call, http: judged(call.http) }, management(call.config));
  const request = {
    method,
    url: addressOf(call.config.graphUrl, `/v1.0${path}`),
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token.expose()}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  };
  const response = await send(call, request, wanted);
  const error = fault.safeParse(parseJson(response.text)).data?.error;
  if (error !== undefined && response.status >= 400) {
    if (error.code === 'Directory_ConcurrencyViolation' || /concurrent requests/i.test(error.message)) {
      const sentence = `${wanted.what} failed: other changes are being made in the tenant at the same time. Nothing was changed; it can be tried again.`;
      throw new ConnectorError(sentence, 'later', { retryAfterSeconds: 5 });
    }
    if (response.status === 403) {
      const sentence = `${wanted.what} failed: the app registration of Rekey lacks the permission for it (${plain(error.code)}). Nothing was changed. Grant it the Microsoft Graph application permission Application.ReadWrite.OwnedBy and make it an owner of the application.`;
      throw new ConnectorError(sentence, 'never', { because: 'permission' });
    }
    if (wanted.fault?.(error.code, error.message) === 'handled') return 'handled';
  }
  if (response.status === 204 && wanted.ok.includes(204)) return wanted.schema.parse(undefined);
  return accept(request, response, wanted);
}

const plain = (code: string) => (/^[\w.-]{1,64}$/.test(code) ? code : 'no known code');

/**
 * The token endpoint with its two answers for a client that is not there at all told from a wrong secret. Beyond that
 * only `error` is looked at, as Microsoft asks for: `unauthorized_client` does not mean that the secret was right.
 */
export function judged(http: Http): Http {
  return {
    request: async (request) => {
      const response: HttpResponse = await http.request(request);
      const { data } = tokenFault.safeParse(parseJson(response.text));
      if (data === undefined || response.status < 400 || response.status >= 500) return response;
      const absent = data.error_codes.some((code) => NO_SUCH_CLIENT.includes(code));
      if (!absent && data.error !== 'unauthorized_client') {
        if (data.error !== 'invalid_scope') return response;
        throw new ConnectorError(
          'Microsoft Entra refuses the scope (invalid_scope) and did not try the secret. Check the scope; it ends in /.default.',
          'never',
        );
      }
      const sentence =
        'Microsoft Entra does not know this client ID in the tenant, or it is disabled there, so the secret could not be tried. Check the client ID and the tenant, and that the application has a service principal.';
      throw new ConnectorError(sentence, 'never', { because: 'permission' });
    },
  };
}

/** What Microsoft Graph says of a secret that cannot be added. Handled: the application has as many as it can have. */
export function addFault(code: string, clientId: string): 'handled' | undefined {
  if (code === 'TooManyAppPasswords') return 'handled';
  if (code === 'CredentialInvalidLifetimeAsPerAppPolicy') {
    const sentence = `The tenant's app management policy allows ${clientId} no secret for that long. Nothing was added; lower "Days until a secret expires".`;
    throw new ConnectorError(sentence, 'never');
  }
  if (code !== 'CredentialTypeNotAllowedAsPerAppPolicy') return undefined;
  const sentence = `The tenant's app management policy allows ${clientId} no new client secrets. Nothing was added; have the policy exempt it.`;
  throw new ConnectorError(sentence, 'never', { because: 'permission' });
}
