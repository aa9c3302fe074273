import { db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

const paused: Readonly<Record<string, string>> = {
  credential: 'The credential is paused',
  issuer: 'The issuer is paused',
  everything: 'Everything is paused',
};

/** Refuses what would be told as done and wait for the end of a pause: the old secret goes on working in one. */
export async function requireUnpaused(credentialId: string): Promise<void> {
  const { rows } = await db().pool.query<{ why: string | null }>('select is_paused($1) as why', [
    credentialId,
  ]);
  const why = rows[0]?.why ?? null;
  if (why !== null) {
    const sentence = `${paused[why] ?? 'It is paused'}, so nothing would be revoked before the pause ends.`;
    throw new Problem(409, 'paused', `${sentence} End the pause first. Nothing was changed.`);
  }
}
