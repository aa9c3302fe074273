/** The part of oidc-provider 9 that the token endpoint and the sample vendor use; the package brings no types. */
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
    features: Record<string, { enabled: boolean } & Partial<ResourceIndicators>>;
    /** Throws where an assertion that is otherwise right is refused. */
    assertJwtClientAuthClaimsAndHeader?(context: Context, claims: AssertionClaims): Promise<void>;
    responseTypes: string[];
    scopes: string[];
    routes: Record<string, string>;
    ttl: Record<string, number>;
  }

  interface AssertionClaims {
    /** Seconds since 1970. */
    readonly exp: number;
  }

  /** Which API access tokens are for, and what they look like (RFC 8707). */
  interface ResourceIndicators {
    defaultResource(): string;
    getResourceServerInfo(context: Context, resource: string): ResourceServer;
  }

  export interface ResourceServer {
    readonly scope: string;
    readonly audience: string;
    readonly accessTokenFormat: 'jwt';
    readonly accessTokenTTL: number;
    readonly jwt: { readonly sign: { readonly alg: string } };
  }

  /** The part of a Koa context that middleware here touches. */
  export interface Context {
    readonly path: string;
    readonly req: IncomingMessage & { body?: string };
    /** Of a request for a token; its client is known once it was found. */
    readonly oidc?: {
      readonly params?: { scope?: string };
      readonly entities: { readonly Client?: { readonly clientId: string; readonly scope?: string } };
    };
    status: number;
    body: unknown;
    /** False: the middleware answers, or destroys, the raw exchange itself. */
    respond: boolean;
    set(headers: Readonly<Record<string, string>>): void;
  }

  /** Refusals of the token endpoint, by their code of RFC 6749. */
  export const errors: {
    readonly InvalidClientAuth: new (detail: string) => Error;
    readonly InvalidScope: new (detail: string, scope: string) => Error;
    readonly InvalidTarget: new () => Error;
  };

  export class Provider {
    constructor(issuer: string, configuration: Configuration);
    readonly Client: {
      prototype: {
        readonly clientId: string;
        compareClientSecret(
          this: { readonly clientId: string },
          presented: string,
        ): boolean | Promise<boolean>;
      };
    };
    readonly ClientCredentials: {
      /** Undefined when the token is unknown or has expired. */
      find(token: string): Promise<{ readonly clientId: string } | undefined>;
    };
    readonly ReplayDetection: {
      /** False when the assertion was used before. `expiresAt` is in seconds since 1970. */
      unique(clientId: string, jti: string, expiresAt: number): Promise<boolean>;
    };
    /** Whether `X-Forwarded-*` of requests is believed. */
    proxy: boolean;
    on(event: 'server_error', listener: (context: Context, error: Error) => void): this;
    use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): this;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  }
}
