import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { NewSecret } from '#demo/surfacescout/web-pages.ts';
import { Plaintext } from '#lib/plaintext.ts';

const SESSION_LIMIT = 200;
const COOKIE = 'surfacescout_session';

/** What the web app knows about one browser. */
export interface WebSession {
  readonly signedIn: boolean;
  /** Every form carries it; a post without it changes nothing. */
  readonly csrf: Plaintext;
  /** A new secret that the next page shows once. */
  fresh: NewSecret | null;
}

/** Sessions in memory: the newest 200. A restart signs everybody out. */
export class WebSessions {
  readonly #sessions = new Map<string, WebSession>();

  find(request: IncomingMessage): WebSession | null {
    return this.#sessions.get(cookieOf(request)) ?? null;
  }

  /** Starts a session in place of the request's own, and answers the header that sets its cookie. */
  begin(
    request: IncomingMessage,
    signedIn: boolean,
  ): { session: WebSession; headers: { 'set-cookie': string } } {
    this.#sessions.delete(cookieOf(request));
    const session: WebSession = { signedIn, csrf: new Plaintext(randomToken()), fresh: null };
    const id = randomToken();
    this.#sessions.set(id, session);
    const [oldest] = this.#sessions.keys();
    if (oldest !== undefined && this.#sessions.size > SESSION_LIMIT) this.#sessions.delete(oldest);
    return { session, headers: { 'set-cookie': `${COOKIE}=${id}; HttpOnly; SameSite=Strict; Path=/app` } };
  }
}

function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

function cookieOf(request: IncomingMessage): string {
  const pairs = (request.headers.cookie ?? '').split(/; */);
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? '';
}
