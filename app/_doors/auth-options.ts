import type { NextAuthOptions } from 'next-auth';
import { decode } from 'next-auth/jwt';
import CredentialsProvider from 'next-auth/providers/credentials';
import { type Knocker, oidcProviders, openWith, PROVIDER } from '#app/_doors/single-sign-on.ts';
import { failed } from '#app/_words/doors.ts';
import { type Actor, system } from '#core/access/actor.ts';
import { readSession } from '#core/access/session.ts';
import { signIn } from '#core/users/sign-in.ts';
import { signOut } from '#core/users/sign-out.ts';
import { env } from '#lib/env.ts';
import { Problem } from '#lib/problem.ts';

const uuid = /^[0-9a-f-]{36}$/;

const TWELVE_HOURS = 12 * 60 * 60;

export const sessionSecret = () => env().REKEY_SESSION_KEY.toString('base64');

/** `__Host-` where the address is https, so that no other host of the domain can set it. */
export const sessionCookie = () =>
  env().REKEY_URL.protocol === 'https:' ? '__Host-rekey-session' : 'rekey-session';

/** Whom the session cookie of a browser names; null where that session does not count. Read from the database. */
export async function actorOf(cookie: string | undefined): Promise<Extract<Actor, { kind: 'user' }> | null> {
  const token = cookie && (await decode({ token: cookie, secret: sessionSecret() }).catch(() => null));
  const sessionId = token ? String(token.sid ?? '') : '';
  return uuid.test(sessionId) ? readSession(sessionId) : null;
}

/** The form knows `code_required` and asks for the code. */
function sentenceFor(error: unknown): string {
  if (!(error instanceof Problem)) {
    return failed.signIn;
  }
  return error.code === 'code_required' ? error.code : error.message;
}

/**
 * next-auth proves who signs in; from then on its cookie carries a session id and nothing else. Who that is and
 * what they may do is read from the database at every request (`currentActor`).
 */
export function authOptions(knocker: Knocker): NextAuthOptions {
  const secure = env().REKEY_URL.protocol === 'https:';
  return {
    secret: sessionSecret(),
    session: { strategy: 'jwt', maxAge: TWELVE_HOURS },
    pages: { signIn: '/sign-in', error: '/sign-in' },
    cookies: {
      sessionToken: {
        name: sessionCookie(),
        options: { httpOnly: true, sameSite: 'lax', path: '/', secure },
      },
    },
    providers: [
      ...oidcProviders(knocker),
      CredentialsProvider({
        credentials: { email: { type: 'email' }, password: { type: 'password' }, code: { type: 'text' } },
        authorize: async (credentials) => {
          try {
            const { sessionId } = await signIn(system('sign-in'), {
              email: credentials?.email ?? '',
              password: credentials?.password ?? '',
              ...(credentials?.code ? { code: credentials.code } : {}),
              ...knocker,
            });
            return { id: sessionId };
          } catch (error) {
            // next-auth shows the message of a thrown error to the person who signs in.
            throw new Error(sentenceFor(error));
          }
        },
      }),
    ],
    callbacks: {
      signIn: async ({ user, account, profile = {} }) => {
        if (account?.provider !== PROVIDER) {
          return true;
        }
        const opened = await openWith({ ...profile }, knocker);
        if ('to' in opened) {
          return opened.to;
        }
        // From here on the id is that of the session, as after a password.
        user.id = opened.sessionId;
        return true;
      },
      jwt: ({ token, user }) => ({ sid: user === undefined ? token.sid : user.id }),
      session: ({ session }) => ({ expires: session.expires }),
    },
    events: {
      signOut: async ({ token }) => {
        const sessionId = String(token.sid);
        const actor = await readSession(sessionId);
        if (actor !== null) {
          await signOut(actor, { sessionId });
        }
      },
    },
  };
}
