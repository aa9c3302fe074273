import type { Role } from '#core/access/actor.ts';
import { system } from '#core/access/actor.ts';
import { choosePassword } from '#core/users/choose-password.ts';
import { createUser } from '#core/users/create-user.ts';
import { signIn } from '#core/users/sign-in.ts';
import { db } from '#lib/db.ts';

export const PASSWORD = 'correct horse battery';

let count = 0;

/** A user of a test's own, who has chosen `PASSWORD`, made through the real use cases. */
export async function makeUser(role: Role = 'operator'): Promise<{ id: string; email: string }> {
  count += 1;
  const email = `user${count}@example.com`;
  const { token } = await createUser(system('test'), { email, name: `User ${count}`, role });
  await choosePassword(system('test'), { token, password: PASSWORD });
  const { id } = await db().prisma.user.findUniqueOrThrow({ where: { email } });
  return { id, email };
}

/** Signs a user in; answers the session's id. */
export async function openSession(email: string): Promise<string> {
  const { sessionId } = await signIn(system('test'), { email, password: PASSWORD, address: '192.0.2.1' });
  return sessionId;
}

/** The bodies of the audit events of one action, oldest first. */
export async function auditBodies(action: string): Promise<Record<string, unknown>[]> {
  const events = await db().prisma.auditEvent.findMany({ where: { action }, orderBy: { id: 'asc' } });
  return events.map((event) => JSON.parse(event.body) as Record<string, unknown>);
}
