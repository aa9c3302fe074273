import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import { type Call, ConnectorError, secretText } from '#connectors/contract.ts';
import { accept, type Expectation, parseJson, send } from '#connectors/exchange.ts';
import { accessToken } from '#connectors/token-endpoint.ts';
import { Plaintext } from '#lib/plaintext.ts';

const REGIONS = 'by region: .com, .ca, .eu, .com.au, .asia, .sg';

export const config = z.object({
  environmentId: z.uuid().meta({ title: 'Environment ID', description: 'Where the applications are.' }),
  clientId: z.string().min(1).max(128).meta({
    title: 'Client ID of the worker application',
    description: 'With the role Client Application Developer or Environment Admin.',
  }),
  clientSecret: secretText().meta({ title: 'Client secret of the worker application' }),
  workerEnvironmentId: z.uuid().optional().meta({
    title: 'Environment ID of the worker application',
    description: 'Only where it is another environment.',
  }),
  apiUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://api.pingone.com')
    .meta({
      title: 'API address',
      description: `https://api.pingone with an ending ${REGIONS}.`,
      rare: true,
    }),
  authUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://auth.pingone.com')
    .meta({
      title: 'Sign-in address',
      description: `https://auth.pingone with an ending ${REGIONS}, or a custom domain.`,
      rare: true,
    }),
});

const value = z
  .string()
  .min(1)
  .transform((text) => new Plaintext(text));
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** The current secret, and the previous one while it works. */
export const secretsAnswer = z
  .object({ secret: value, previous: z.object({ secret: value.optional(), expiresAt: instant }).nullish() })
  .transform(({ secret, previous }): Secrets => {
    const works = previous && previous.expiresAt.getTime() > Date.now();
    return { secret, ...(works && { previous }) };
  });

export interface Secrets {
  readonly secret: Plaintext;
  readonly previous?: { readonly secret?: Plaintext | undefined; readonly expiresAt: Date };
}

const fault = z.object({ code: z.string().regex(/^[A-Z_]{1,64}$/) });
const NEEDED = {
  GET: 'applications:read:secret',
  POST: 'applications:update:secret',
  DELETE: 'applications:delete:secret',
};

/** One call to the Platform API with a token of the worker application. PingOne's errors are put in words. */
export async function askPingOne<S extends z.ZodType>(
  call: Pick<Call<z.output<typeof config>, unknown>, 'config' | 'http' | 'remember'>,
  method: keyof typeof NEEDED,
  path: string,
  wanted: Expectation & { schema: S },
  body?: object,
): Promise<z.output<S>> {
  const { config } = call;
  const environment = config.workerEnvironmentId ?? config.environmentId;
  const tokenUrl = addressOf(config.authUrl, `/${environment}/as/token`);
  const token = await accessToken(call, { ...config, tokenUrl, auth: 'basic' });
  const request = {
    method,
    url: addressOf(config.apiUrl, path),
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token.expose()}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  };
  const response = await send(call, request, wanted);
  const code = fault.safeParse(parseJson(response.text)).data?.code;
  if (response.status === 403 && code !== undefined) {
    const needed = path.endsWith('/secret') ? NEEDED[method] : 'applications:read:application';
    const sentence = `${wanted.what} failed: the worker application ${config.clientId} lacks the permission ${needed} here (${code}). Nothing was changed; give it the role Client Application Developer for this environment.`;
    throw new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  if (response.status === 404 && code === 'NOT_FOUND') {
    const sentence = `${wanted.what} failed: the environment has no such application, or none with a secret. Nothing was changed; check the IDs.`;
    throw new ConnectorError(sentence, 'never');
  }
  if (response.status === 204 && wanted.ok.includes(204)) return wanted.schema.parse(undefined);
  return accept(request, response, wanted);
}
