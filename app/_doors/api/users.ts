import { z } from 'zod';
import { id, instant } from '#app/_doors/api/common.ts';
import { pageOf, wholeList } from '#app/_doors/api/page.ts';
import { answering, changing, removing, type Shown } from '#app/_doors/api/route.ts';
import { type Actor, roles } from '#core/access/actor.ts';
import { allowIdentity } from '#core/users/allow-identity.ts';
import { changeRole } from '#core/users/change-role.ts';
import { changeScope } from '#core/users/change-scope.ts';
import { createUser } from '#core/users/create-user.ts';
import { disableUser } from '#core/users/disable-user.ts';
import { enableUser } from '#core/users/enable-user.ts';
import { listAllSessions } from '#core/users/list-all-sessions.ts';
import { listUsers, type UserRow } from '#core/users/list-users.ts';
import { readSecondFactorRule } from '#core/users/read-second-factor-rule.ts';
import { renewLink } from '#core/users/renew-link.ts';
import { resetSecondFactor } from '#core/users/reset-second-factor.ts';
import { revokeSession } from '#core/users/revoke-session.ts';
import { env } from '#lib/env.ts';
import { notFound } from '#lib/problem.ts';

const tag = 'users';
const freshToken = 'Takes a token that is younger than five minutes.';
const words = z.array(z.string().trim().min(1).max(50)).max(50);

const user = z
  .object({
    id,
    email: z.string(),
    name: z.string(),
    role: z.string(),
    state: z.enum(['active', 'invited', 'disabled']),
    environments: z.array(z.string()).meta({ description: 'Limited to these; none for no limit.' }),
    labels: z.array(z.string()).meta({ description: 'Limited to credentials with one of these.' }),
    hasSecondFactor: z.boolean(),
    identityAllowedUntil: instant.nullable().meta({
      description: 'Until then the next single sign-on with their verified e-mail is them, once.',
    }),
    seenAt: instant.nullable(),
    link: z.string().nullish().meta({
      description:
        'Where they choose their password, once, within 24 hours: in the first answer to an invitation or for a new link, and never again.',
    }),
  })
  .meta({ id: 'User' });

const session = z
  .object({
    id,
    user: z.string(),
    address: z.string().nullable(),
    userAgent: z.string().nullable(),
    createdAt: instant,
    lastSeenAt: instant,
  })
  .meta({ id: 'Session' });

function one(users: readonly UserRow[], userId: string): UserRow {
  const found = users.find(({ id: known }) => known === userId);
  if (found === undefined) {
    throw notFound('user');
  }
  return found;
}

const shown = {
  answers: user,
  path: (userId) => `/users/${userId}`,
  read: async (actor: Actor, userId) => one(await listUsers(actor, {}), userId),
} satisfies Shown<typeof user>;

/** Where they choose a password. */
const linkOf = (token: string) => `${env().REKEY_URL.origin}/welcome#${token}`;

/** What every change of a user answers: the user. */
const changed = {
  method: 'POST',
  tag,
  description: freshToken,
  status: 200,
  shows: shown,
  resource: (_nothing: unknown, { userId }: Readonly<Record<'userId', string>>) => userId,
} as const;

const secondFactorRule = z
  .object({
    required: z.object({ by: z.string(), at: instant }).nullable(),
    without: z.int().meta({ description: 'How many sign in with a password and have none.' }),
  })
  .meta({ id: 'SecondFactorRule', description: 'Whether everybody must have a second factor.' });

/** `/users`, `/sessions`, and the rule about second factors. */
export const userRoutes = [
  answering({
    method: 'GET',
    path: '/users',
    operationId: 'listUsers',
    tag,
    summary: 'Everybody, with their role, their limits and when they were last here',
    calls: listUsers,
    input: () => ({}),
    answers: pageOf(user),
    answer: (rows) => wholeList(rows),
  }),
  changing({
    method: 'POST',
    path: '/users',
    operationId: 'inviteUser',
    tag,
    summary: 'Invite somebody; the link with which they choose a password is answered once',
    description: `Who was invited and has not chosen a password gets another link, and the one before is void. ${freshToken}`,
    calls: createUser,
    body: z.strictObject({
      email: z.string().max(254),
      name: z
        .string()
        .trim()
        .min(1)
        .max(200)
        .optional()
        .meta({ description: 'Their e-mail where it is left out.' }),
      role: z.enum(roles),
    }),
    input: ({ body }) => body,
    status: 201,
    shows: shown,
    resource: (made) => made.id,
    once: ({ token }) => ({ link: linkOf(token) }),
  }),
  answering({
    method: 'GET',
    path: '/users/{userId}',
    operationId: 'readUser',
    tag,
    summary: 'One user',
    calls: listUsers,
    input: () => ({}),
    answers: user,
    answer: (rows, { path }) => one(rows, path.userId),
  }),
  answering({
    method: 'GET',
    path: '/sessions',
    operationId: 'listAllSessions',
    tag,
    summary: 'The sessions that count now, the one used last first',
    calls: listAllSessions,
    input: () => ({}),
    answers: pageOf(session),
    answer: (rows) => wholeList(rows),
  }),
  answering({
    method: 'GET',
    path: '/second-factor-rule',
    operationId: 'readSecondFactorRule',
    tag,
    summary: 'Whether everybody must have a second factor, and how many have none',
    description: 'A person decides it, in the console.',
    calls: readSecondFactorRule,
    input: () => ({}),
    answers: secondFactorRule,
    answer: (rule) => rule,
  }),
  removing({
    method: 'DELETE',
    path: '/sessions/{sessionId}',
    operationId: 'revokeSession',
    tag,
    summary: 'End somebody’s session at once',
    description: 'A program has no session of its own: for all roles but admin there is none to end (404).',
    calls: revokeSession,
    input: ({ path }) => path,
  }),
  changing({
    ...changed,
    path: '/users/{userId}/link',
    operationId: 'renewLink',
    summary: 'Make a new link for somebody who forgot their password; it is answered once',
    description: `The link before is void. The password they have works until they choose another one; then their sessions end. ${freshToken}`,
    calls: renewLink,
    body: z.strictObject({}),
    input: ({ path }) => path,
    once: ({ token }) => ({ link: linkOf(token) }),
  }),
  changing({
    ...changed,
    path: '/users/{userId}/allow-identity',
    operationId: 'allowIdentity',
    summary: 'Let the next single sign-on with a user’s verified e-mail be them, once, within 24 hours',
    description: `Then that identity is their only way in: those of before and a password work no longer, and their sessions end. ${freshToken}`,
    calls: allowIdentity,
    body: z.strictObject({}),
    input: ({ path }) => path,
  }),
  changing({
    ...changed,
    path: '/users/{userId}/role',
    operationId: 'changeRole',
    summary: 'Give a user another role, which counts at their next request',
    calls: changeRole,
    body: z.strictObject({ role: z.enum(roles) }),
    input: ({ path, body }) => ({ ...path, ...body }),
  }),
  changing({
    ...changed,
    path: '/users/{userId}/scope',
    operationId: 'changeScope',
    summary: 'Limit a user to environments, labels or both; empty lists take the limit away',
    calls: changeScope,
    body: z.strictObject({ environments: words, labels: words }),
    input: ({ path, body }) => ({ ...path, ...body }),
  }),
  changing({
    ...changed,
    path: '/users/{userId}/disable',
    operationId: 'disableUser',
    summary: 'Keep a user from signing in; their sessions end at once',
    calls: disableUser,
    body: z.strictObject({}),
    input: ({ path }) => path,
  }),
  changing({
    ...changed,
    path: '/users/{userId}/enable',
    operationId: 'enableUser',
    summary: 'Let a disabled user sign in again',
    calls: enableUser,
    body: z.strictObject({}),
    input: ({ path }) => path,
  }),
  changing({
    ...changed,
    path: '/users/{userId}/reset-second-factor',
    operationId: 'resetSecondFactor',
    summary: 'Take away a user’s second factor, for example with a lost phone; their sessions end',
    calls: resetSecondFactor,
    body: z.strictObject({}),
    input: ({ path }) => path,
  }),
];
