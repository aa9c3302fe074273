/** The part of oidc-provider 9 that SurfaceScout uses; the package brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  type Payload = Record<string, unknown>;

  export interface Adapter {
    upsert(id: string, payload: Payload, expiresIn: number): Promise<void>;
    find(id: string): Promise<Payload | undefined>;
    findByUid(uid: string): Promise<Payload | undefined>;
    findByUserCode(userCode: string): Promise<Payload | undefined>;
    consume(id: string): Promise<void>;
    destroy(id: string): Promise<void>;
    revokeByGrantId(grantId: string): Promise<void>;
  }

  export interface Configuration {
    adapter: (model: string) => Adapter;
    jwks: { keys: Payload[] };
    cookies: { keys: string[] };
    clientAuthMethods: string[];
    clientDefaults: Payload;
    enabledJWA: Record<string, string[]>;
    features: Record<string, { enabled: boolean }>;
    responseTypes: string[];
    scopes: string[];
    routes: Record<string, string>;
    ttl: Record<string, number>;
  }

  /** The part of a Koa context that middleware here touches. */
  export interface Context {
    readonly path: string;
    readonly req: IncomingMessage & { body?: string };
    status: number;
    body: unknown;
    /** False: the middleware answers, or destroys, the raw exchange itself. */
    respond: boolean;
    set(headers: Readonly<Record<string, string>>): void;
  }

  export class Provider {
    constructor(issuer: string, configuration: Configuration);
    readonly Client: {
      prototype: {
        readonly clientId: string;
        compareClientSecret(this: { readonly clientId: string }, presented: string): boolean;
      };
    };
    readonly ClientCredentials: {
      /** Undefined when the token is unknown or has expired. */
      find(token: string): Promise<{ readonly clientId: string } | undefined>;
    };
    use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): this;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  }
}
