import { z } from 'zod';
import { id, instant } from '#app/_doors/api/common.ts';
import { pageOf, wholeList } from '#app/_doors/api/page.ts';
import { answering, changing, type Shown } from '#app/_doors/api/route.ts';
import { type Actor, roles } from '#core/access/actor.ts';
import { changeRole } from '#core/users/change-role.ts';
import { changeScope } from '#core/users/change-scope.ts';
import { disableUser } from '#core/users/disable-user.ts';
import { enableUser } from '#core/users/enable-user.ts';
import { listAllSessions } from '#core/users/list-all-sessions.ts';
import { listUsers } from '#core/users/list-users.ts';
import { resetSecondFactor } from '#core/users/reset-second-factor.ts';
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
    seenAt: instant.nullable(),
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

async function readUser(actor: Actor, userId: string) {
  const found = (await listUsers(actor, {})).find((one) => one.id === userId);
  if (found === undefined) {
    throw notFound('user');
  }
  return found;
}

const shown = {
  answers: user,
  path: () => '/users',
  read: readUser,
} satisfies Shown<typeof user>;

/** What every change of a user answers: the user. */
const changed = {
  method: 'POST',
  tag,
  description: freshToken,
  status: 200,
  shows: shown,
  resource: (_nothing: unknown, { userId }: Readonly<Record<'userId', string>>) => userId,
} as const;

/** `/users` and `/sessions`. */
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
