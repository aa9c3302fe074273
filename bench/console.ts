import { answerQuestions } from '#bench/child.ts';
import { openDatabase } from '#lib/db.ts';
import { sayReady } from '#lib/lifeline.ts';
import { makeFirstAdmin } from '#scripts/launcher/first-admin.ts';
import { startWorld } from '#scripts/launcher/world.ts';

/* The console as `npm start` runs it, with the sample world, on a database that the starter gives. */

// Before the rest, which closes the pool of this process when it has started everything.
const firstAdmin = await makeFirstAdmin();
let stop = async () => {};
const { url } = await startWorld({
  dataDir: process.env.REKEY_DATA_DIR ?? '',
  sample: true,
  dev: false,
  steps: { run: async (_name, work) => void (await work()) },
  onStop: (stopWorld) => {
    stop = stopWorld;
  },
});

const handlers = {
  /** Where the console is and who can sign in to it. */
  door: (_: undefined) => ({ url, email: firstAdmin?.email ?? '', password: firstAdmin?.password ?? '' }),
  /** An id of everything that has a page of its own. */
  ids: async (_: undefined) => {
    const database = openDatabase(process.env.DATABASE_URL ?? '', 1);
    const { rows } = await database.pool.query<{
      credential: string;
      rotation: string | null;
      event: string;
    }>(
      `select (select id from credentials order by name limit 1) as credential,
              (select id from rotations order by created_at desc limit 1) as rotation,
              (select id from audit_events order by id desc limit 1)::text as event`,
    );
    await database.close();
    return rows[0];
  },
};

export type ConsoleHandlers = typeof handlers;

answerQuestions(handlers);
const leave = () => stop().then(() => process.exit(0));
process.on('SIGTERM', leave);
process.on('disconnect', leave);
sayReady();
