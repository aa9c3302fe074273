import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { RunningServer } from '#tests/interop/servers.ts';

export interface RunningProvider extends RunningServer {
  readonly tokenUrl: string;
  /** Registers a client whose updates make a new secret, or keep the one it has. */
  register(updates: 'rotate' | 'keep'): Promise<Registered>;
}

const registered = z.looseObject({
  client_id: z.string(),
  client_secret: z.string(),
  registration_client_uri: z.string(),
  registration_access_token: z.string(),
});

export type Registered = z.output<typeof registered>;

type Policy = (context: { method: string }, properties: Record<string, unknown>) => void;

/** What of oidc-provider is used here beyond what the sample vendor uses of it. */
interface Registrar {
  readonly InitialAccessToken: new (properties: { policies: string[] }) => { save(): Promise<string> };
}

/** Starts oidc-provider, a development dependency, with dynamic registration and its management. */
export async function startProvider(): Promise<RunningProvider> {
  const { Provider } = await import('oidc-provider');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rotate: Policy = ({ method }, properties) => {
    if (method === 'PUT') properties.client_secret = randomBytes(32).toString('base64url');
  };
  const policies: Record<string, Policy> = { rotate, keep: () => {} };
  const features = {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    registration: { enabled: true, initialAccessToken: true, policies },
    registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
  };
  // The declared type covers what the sample vendor sets, which is nearly all of the required part.
  const configuration = { features } as unknown as ConstructorParameters<typeof Provider>[1];
  const provider = new Provider(issuer, configuration);
  server.on('request', provider.callback());
  const { InitialAccessToken } = provider as unknown as Registrar;
  return {
    version: `oidc-provider ${installedVersion()}`,
    tokenUrl: `${issuer}/token`,
    register: async (updates) => {
      const token = await new InitialAccessToken({ policies: [updates] }).save();
      return register(`${issuer}/reg`, token);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function register(url: string, token: string): Promise<Registered> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Fleet',
      contacts: ['ops@example.test'],
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
    }),
  });
  return registered.parse(await response.json());
}

function installedVersion(): string {
  const file = createRequire(import.meta.url)
    .resolve('oidc-provider')
    .replace(/lib\/index\.js$/, 'package.json');
  return z.object({ version: z.string() }).parse(JSON.parse(fs.readFileSync(file, 'utf8'))).version;
}
