import { type Actor, auditActor } from '#core/access/actor.ts';
import { insertRotation } from '#core/rotation/insert-rotation.ts';
import { makePlan } from '#core/rotation/plan.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { db, inTransaction } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { untilWaiting } from '#tests/support/until-waiting.ts';

/** Does something while a rotation of a credential is stored and its transaction has not ended; then undoes the rotation. */
export async function whileOneBegins(
  actor: Actor,
  credentialId: string,
  what: () => Promise<void>,
): Promise<void> {
  const plan = await makePlan(db().pool, { credentialId, graceSeconds: 0, requester: 'Olga' });
  const undo = new Error('undone');
  const work = inTransaction(async (client) => {
    const rotation = { id: newId(), plan, actor: auditActor(actor), priority: 'manual' } as const;
    await insertRotation(async (text, values) => (await client.query(text, [...values])).rows, rotation);
    await what();
    throw undo;
  });
  await work.catch((error: unknown) => {
    if (error !== undo) throw error;
  });
}

/**
 * Asks for a rotation while a change of an issuer or a target has looked for open ones and cannot store yet. Answers which of the two
 * was done first.
 */
export async function askedWhileChanging(
  actor: Actor,
  { table, id, credentialId }: { table: 'issuers' | 'targets'; id: string; credentialId: string },
  change: () => Promise<void>,
): Promise<string[]> {
  const done: string[] = [];
  const both = await inTransaction(async (client) => {
    await client.query(`select 1 from ${table} where id = $1 for update`, [id]);
    const changing = change().then(() => done.push('changed'));
    await untilWaiting();
    const asking = requestRotation(actor, { credentialId, graceSeconds: 0, reason: 'it is due' });
    const asked = asking.then(() => done.push('asked'));
    await Promise.race([asked, untilWaiting(2)]);
    return { over: Promise.all([changing, asked]) };
  });
  await both.over;
  return done;
}
