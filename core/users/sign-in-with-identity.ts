import { z } from 'zod';
import { type Role, roles } from '#core/access/actor.ts';
import { isFresh } from '#core/access/is-fresh.ts';
import { useCase } from '#core/access/use-case.ts';
import { withdrawApprovals } from '#core/access/withdraw-approvals.ts';
import { record } from '#core/audit/record.ts';
import { endSessions } from '#core/users/end-sessions.ts';
import { giveRole } from '#core/users/give-role.ts';
import { takeAllowedIdentity } from '#core/users/take-allowed-identity.ts';
import type { Database, Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

const input = z.object({
  /** The two that name a person for ever (OpenID Connect Core 1.0, section 5.7). */
  issuer: z.string().min(1).max(500),
  sub: z.string().min(1).max(255),
  email: z.email().trim().toLowerCase(),
  /** The single sign-on says that it is theirs. */
  emailIsVerified: z.boolean().default(false),
  name: z.string().trim().min(1).max(200),
  /** What the person's groups give them; null where they give nothing. */
  role: z.enum(roles).nullable(),
  /** When they proved who they are, where the single sign-on tells it. */
  provenAt: z.date().optional(),
  /** The session that the browser has already. Who comes with one was asked for anew, to step up. */
  sessionBefore: z.uuid().optional(),
  address: z.string(),
  userAgent: z.string().optional(),
});

type Wish = z.output<typeof input>;

/** As old as a proof can be that there was not. */
const NEVER = new Date(0);

const by = { kind: 'system' as const, id: null, name: 'single sign-on' };

/**
 * The user of an identity; a new one where the identity was never here. An e-mail alone makes nobody somebody else: it does where it is
 * verified and an admin has allowed that user a new identity.
 */
async function userOf(tx: Db, wish: Wish, role: Role) {
  const { issuer, sub, email, name } = wish;
  const identity = await tx.identity.findUnique({
    where: { issuer_sub: { issuer, sub } },
    include: { user: true },
  });
  if (identity !== null) {
    return identity.user;
  }
  const allowed = wish.emailIsVerified ? await takeAllowedIdentity(tx, wish, by) : null;
  if (allowed !== null) {
    return tx.user.findUniqueOrThrow({ where: { id: allowed } });
  }
  if ((await tx.user.count({ where: { email } })) > 0) {
    throw new Problem(
      409,
      'email_taken',
      'Somebody here has your e-mail already, and an e-mail alone does not prove who you are. Sign in as before, or ask an admin to allow you a new identity under Settings, Users.',
    );
  }
  const user = await tx.user.create({ data: { email, name, role } });
  await tx.identity.create({ data: { issuer, sub, userId: user.id } });
  await record(tx, { action: 'user.created', actor: by, email, role });
  return user;
}

/** Throws where the user is disabled. Nobody disables them until the transaction ends, and then the session opened in it ends, too. */
async function requireEnabled(tx: Db, userId: string): Promise<void> {
  const found = await tx.$queryRaw<unknown[]>`
    select 1 from users where id = ${userId}::uuid and disabled_at is null for no key update`;
  if (found.length === 0) {
    throw new Problem(403, 'user_disabled', 'You are disabled here. Ask an admin.');
  }
}

/**
 * Whoever has no role any more where roles are given is let out here too, also before an admin takes the role away: their sessions end
 * at once, and what they approved counts no more.
 */
async function letOut(db: Database, { issuer, sub }: Wish): Promise<void> {
  const identity = await db.prisma.identity.findUnique({
    where: { issuer_sub: { issuer, sub } },
    include: { user: true },
  });
  if (identity === null) {
    return;
  }
  const { userId, user } = identity;
  await db.prisma.$transaction(async (tx) => {
    await withdrawApprovals(tx, userId, by);
    const sessions = await endSessions(tx, userId);
    if (sessions > 0) {
      await record(tx, { action: 'session.revoked', actor: by, of: user.email, sessions });
    }
  });
}

/** Refuses whoever was to prove anew who they are and did not: the single sign-on knew them still, or does not tell. */
async function requireAnew(db: Database, { sessionBefore, provenAt = NEVER }: Wish): Promise<void> {
  if (sessionBefore !== undefined && !(await isFresh(db, provenAt))) {
    throw new Problem(
      403,
      'not_anew',
      'The single sign-on did not say that you have just signed in there, so nothing was changed. Try again, or ask who looks after it: it has to heed prompt=login and to tell auth_time.',
    );
  }
}

/**
 * Opens the session, in place of the one that the browser had. For a step-up it counts from when they proved who they are: being let in by a
 * single sign-on that knew them still proves nothing.
 */
async function openSession(
  tx: Db,
  user: { id: string; name: string; email: string },
  wish: Wish,
): Promise<string> {
  const { address, userAgent = null, sessionBefore = null, provenAt = NEVER } = wish;
  const actor = { kind: 'user' as const, id: user.id, name: user.name };
  const ended = await tx.$executeRaw`
    update sessions set revoked_at = rekey_now()
     where id = ${sessionBefore}::uuid and user_id = ${user.id}::uuid and revoked_at is null`;
  if (ended > 0) {
    await record(tx, { action: 'session.revoked', actor, of: user.email, sessions: ended });
  }
  const { id } = await tx.session.create({
    data: { userId: user.id, address, userAgent, singleSignOn: true },
  });
  await tx.$executeRaw`
    update sessions set step_up_at = least(step_up_at, ${provenAt}::timestamptz) where id = ${id}::uuid`;
  await record(tx, { action: 'session.opened', actor, address });
  return id;
}

async function refused(db: Database, { email, address }: Wish, reason: string): Promise<void> {
  const event = { outcome: 'failure', actor: by, email, address, reason } as const;
  await record(db.prisma, { action: 'session.refused', ...event });
}

/**
 * Opens a session for somebody whom the single sign-on vouches for; answers its id. Their groups decide about their role at each
 * sign-in, also about taking it away: then their other sessions end. An admin is not made of somebody who is limited here. The caller has
 * verified the identity token.
 */
export const signInWithIdentity = useCase(
  { name: 'sign-in-with-identity', may: [], stepUp: false, scope: 'everything', input },
  async ({ db }, wish) => {
    const { role } = wish;
    if (role === null) {
      await letOut(db, wish);
      await refused(db, wish, 'No group of theirs gives a role here.');
      throw new Problem(403, 'no_role', 'None of your groups gives you a role here. Ask an admin.');
    }
    try {
      await requireAnew(db, wish);
      return await db.prisma.$transaction(async (tx) => {
        const user = await userOf(tx, wish, role);
        await requireEnabled(tx, user.id);
        await giveRole(tx, user.id, role, by);
        return { sessionId: await openSession(tx, user, wish) };
      });
    } catch (error) {
      if (error instanceof Problem) {
        await refused(db, wish, error.message);
      }
      throw error;
    }
  },
);
