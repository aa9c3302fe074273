import { answerQuestions } from '#bench/child.ts';
import { openDatabase } from '#lib/db.ts';
import { sayReady } from '#lib/lifeline.ts';
import { consolePages } from '#scripts/console-pages.ts';
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
  /** The pages that there is something to see on: nothing has rotated in this world, and no policy is in it. */
  pages: async (_: undefined) => {
    const database = openDatabase(process.env.DATABASE_URL ?? '', 1);
    const pages = await consolePages(
      async (sql) => (await database.pool.query<{ id: string }>(sql)).rows[0]?.id,
    );
    await database.close();
    return pages.filter(({ path }) => !path.includes('undefined'));
  },
};

export type ConsoleHandlers = typeof handlers;

answerQuestions(handlers);
const leave = () => stop().then(() => process.exit(0));
process.on('SIGTERM', leave);
process.on('disconnect', leave);
sayReady();
