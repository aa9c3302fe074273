import { randomUUID } from 'node:crypto';
import { db } from '#lib/db.ts';
import { requireSameVersion } from '#lib/db-version.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';
import { log } from '#lib/log.ts';

const id = randomUUID();

await requireSameVersion(db().pool);

async function beat(): Promise<void> {
  await db().pool.query(
    `insert into workers (id) values ($1) on conflict (id) do update set seen_at = rekey_now()`,
    [id],
  );
}

await beat();
const heart = setInterval(() => beat().catch((error) => log.warn({ err: error }, 'no heartbeat')), 5000);

tieToStarter(async () => {
  clearInterval(heart);
  await db().pool.query('delete from workers where id = $1', [id]);
  await db().close();
});
log.info({ worker: id }, 'worker ready');
sayReady();
