import type { IncomingMessage } from 'node:http';
import { pathOf, type Reply, readBody } from '#demo/reply.ts';
import type { SecretStore } from '#demo/surfacescout/secret-store.ts';
import { developerToolsPage, missingPage, refusedPage, signInPage } from '#demo/surfacescout/web-pages.ts';
import { type WebSession, WebSessions } from '#demo/surfacescout/web-sessions.ts';
import { Plaintext } from '#lib/plaintext.ts';

const ROTATE_PATH = /^\/app\/developer-tools\/([^/]+)\/rotate$/;

export interface WebUser {
  readonly email: Plaintext;
  readonly password: Plaintext;
}

/**
 * SurfaceScout's web app, where a person signs in and rotates secrets by hand. A rotation replaces
 * every live secret of the client; the new one is shown once, on the page that follows.
 */
export class WebApp {
  readonly #store: SecretStore;
  readonly #user: WebUser;
  readonly #sessions = new WebSessions();

  constructor(store: SecretStore, user: WebUser) {
    this.#store = store;
    this.#user = user;
  }

  async answer(request: IncomingMessage): Promise<Reply> {
    if (request.method === 'GET') return this.#show(request);
    if (request.method !== 'POST') return missingPage();
    const form = new URLSearchParams(await readBody(request));
    const session = this.#sessions.find(request);
    if (!session?.csrf.equals(new Plaintext(form.get('csrf') ?? ''))) return refusedPage();
    return this.#change(request, session, form);
  }

  #show(request: IncomingMessage): Reply {
    const session = this.#sessions.find(request);
    switch (pathOf(request)) {
      case '/app':
        return seeOther('/app/developer-tools');
      case '/app/sign-in':
        return this.#showSignIn(request, false);
      case '/app/developer-tools':
        return session?.signedIn ? this.#showTools(session) : seeOther('/app/sign-in');
      default:
        return missingPage();
    }
  }

  #showSignIn(request: IncomingMessage, failed: boolean): Reply {
    const { session, headers } = this.#sessions.begin(request, false);
    const reply = signInPage(session.csrf.expose(), failed);
    return { ...reply, headers: { ...reply.headers, ...headers } };
  }

  #showTools(session: WebSession): Reply {
    const { fresh } = session;
    session.fresh = null;
    return developerToolsPage(session.csrf.expose(), this.#store.clients, fresh);
  }

  #change(request: IncomingMessage, session: WebSession, form: URLSearchParams): Reply {
    const path = pathOf(request);
    if (path === '/app/sign-in') return this.#signIn(request, form);
    if (!session.signedIn) return refusedPage();
    if (path === '/app/sign-out') {
      const { headers } = this.#sessions.begin(request, false);
      return seeOther('/app/sign-in', headers);
    }
    const client = this.#store.client(ROTATE_PATH.exec(path)?.[1] ?? '');
    if (!client) return missingPage();
    const made = this.#store.replace(client, { tag: null, value: null });
    session.fresh = { clientId: client.clientId, value: made.value };
    return seeOther('/app/developer-tools');
  }

  #signIn(request: IncomingMessage, form: URLSearchParams): Reply {
    const rightEmail = this.#user.email.equals(new Plaintext(form.get('email') ?? ''));
    const rightPassword = this.#user.password.equals(new Plaintext(form.get('password') ?? ''));
    if (!rightEmail || !rightPassword) return this.#showSignIn(request, true);
    const { headers } = this.#sessions.begin(request, true);
    return seeOther('/app/developer-tools', headers);
  }
}

function seeOther(location: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 303, headers: { location, 'cache-control': 'no-store', ...headers }, body: '' };
}
