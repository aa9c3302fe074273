import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { BodyTooLarge, closeServer, json, listenOnLoopback, pathOf, type Reply, send } from '#demo/reply.ts';
import { type AdminWorld, answerAdmin } from '#demo/surfacescout/admin-api.ts';
import { type ClientBehaviour, clientBehaviour, defaultWorld } from '#demo/surfacescout/behaviour.ts';
import { Faults } from '#demo/surfacescout/faults.ts';
import { SecretStore } from '#demo/surfacescout/secret-store.ts';
import { createTokenServer, type TokenServer, tokenServerPaths } from '#demo/surfacescout/token-server.ts';
import { WebApp } from '#demo/surfacescout/web-app.ts';
import { Plaintext } from '#lib/plaintext.ts';

export interface SurfaceScoutOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly statePath: string;
  readonly adminToken: string;
  readonly webUser: { readonly email: string; readonly password: string };
  /** The sample world's four clients unless given. */
  readonly clients?: readonly ClientBehaviour[];
}

export interface RunningSurfaceScout {
  readonly url: string;
  close(): Promise<void>;
}

interface World extends AdminWorld {
  readonly tokens: TokenServer;
  readonly web: WebApp;
}

/**
 * Starts SurfaceScout (sample) on 127.0.0.1: an OAuth 2.0 authorization server, an API that wants its
 * tokens, an admin API for client secrets and a web app. Rejects when the port is taken or the state
 * file cannot be read.
 */
export async function startSurfaceScout(options: SurfaceScoutOptions): Promise<RunningSurfaceScout> {
  const clients = (options.clients ?? defaultWorld).map((client) => clientBehaviour.parse(client));
  const store = new SecretStore(options.statePath, clients);
  const server = createServer();
  const url = await listenOnLoopback(server, options.port);
  const faults = new Faults();
  const closing = new AbortController();
  const { email, password } = options.webUser;
  const world: World = {
    store,
    faults,
    adminToken: new Plaintext(options.adminToken),
    signal: closing.signal,
    tokens: createTokenServer(url, store, faults, closing.signal),
    web: new WebApp(store, { email: new Plaintext(email), password: new Plaintext(password) }),
  };
  server.on('request', (request, response) => void handle(request, response, world));
  return {
    url,
    close: async () => {
      closing.abort();
      await closeServer(server);
      store.flush();
    },
  };
}

async function handle(request: IncomingMessage, response: ServerResponse, world: World): Promise<void> {
  try {
    if (tokenServerPaths.includes(pathOf(request))) {
      await world.tokens.handle(request, response);
      return;
    }
    const reply = await answer(request, world);
    if (reply === 'drop') request.socket.destroy();
    else send(response, reply);
  } catch (error) {
    // The cause is not written anywhere: it may quote a body, which may hold a secret.
    if (response.headersSent || response.destroyed) response.destroy();
    else if (error instanceof BodyTooLarge) send(response, json(413, { error: 'body_too_large' }));
    else send(response, json(500, { error: 'server_error' }));
  }
}

async function answer(request: IncomingMessage, world: World): Promise<Reply | 'drop'> {
  const path = pathOf(request);
  if (path === '/api/scans') return scans(request, world.tokens);
  if (path.startsWith('/admin/')) return answerAdmin(request, world);
  if (path === '/app' || path.startsWith('/app/')) return world.web.answer(request);
  if (path === '/') return { status: 303, headers: { location: '/app' }, body: '' };
  return json(404, { error: 'not_found' });
}

async function scans(request: IncomingMessage, tokens: TokenServer): Promise<Reply> {
  const token = /^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!token || !(await tokens.knows(token))) {
    return json(401, { error: 'invalid_token' }, { 'www-authenticate': 'Bearer error="invalid_token"' });
  }
  return json(200, { scans: sampleScans });
}

const sampleScans = [
  { id: 'scan-1041', site: 'North quarry', surface: 'limestone', squareMetres: 18_200 },
  { id: 'scan-1042', site: 'Harbour wall', surface: 'concrete', squareMetres: 4_350 },
  { id: 'scan-1043', site: 'Ridge road', surface: 'asphalt', squareMetres: 9_780 },
];
