import { createHash, randomUUID } from 'node:crypto';
import { answerQuestions } from '#bench/child.ts';
import { keepBusy, type Load } from '#bench/load.ts';
import { db } from '#lib/db.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';
import { openAnnouncer, watchRotation } from '#lib/signals.ts';

/* Commits as a worker makes them, with or without somebody who watches each rotation and reads it again when told. */

const COMMIT = {
  name: 'commit',
  text: `with moved as (
           update watched_rotations set changes = changes + 1 where id = $1 returning id)
         insert into watched_leaves (rotation_id, body, leaf) select id, $2, $3 from moved`,
};
const ids = Array.from({ length: 16 }, () => randomUUID());
const { pool } = db();
let readings = 0;

async function commit(rotationId: string): Promise<void> {
  const body = JSON.stringify({ action: 'rotation.changed', rotationId, at: new Date() });
  const leaf = createHash('sha256').update('\0').update(body).digest();
  await pool.query({ ...COMMIT, values: [rotationId, body, leaf] });
}

async function readAgain(rotationId: string): Promise<void> {
  await pool.query({
    name: 'read',
    text: 'select * from watched_rotations where id = $1',
    values: [rotationId],
  });
  readings += 1;
}

const handlers = {
  run: async ({ isWatched, ...load }: Load & { isWatched: boolean }) => {
    const watched = isWatched ? ids : [];
    const stops = await Promise.all(watched.map((id) => watchRotation(id, () => void readAgain(id))));
    const announcer = openAnnouncer();
    readings = 0;
    const { count, seconds } = await keepBusy(load, async (lane) => {
      const id = ids[lane % ids.length] ?? '';
      await commit(id);
      if (isWatched) {
        announcer.announce(id);
      }
    });
    for (const stop of stops) {
      stop();
    }
    await announcer.close();
    return { perSecond: count / seconds, readings };
  },
};

export type CommitsHandlers = typeof handlers;

await pool.query(`
  create table watched_rotations (id uuid primary key, changes bigint not null default 0);
  create table watched_leaves (
    id bigserial primary key, rotation_id uuid not null, body text not null, leaf bytea not null)`);
await pool.query('insert into watched_rotations (id) select unnest($1::uuid[])', [ids]);
answerQuestions(handlers);
tieToStarter(async () => {
  await pool.query('drop table watched_rotations, watched_leaves');
  await db().close();
});
sayReady();
