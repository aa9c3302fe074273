import path from 'node:path';
import { loadKeys } from '#lib/keys.ts';
import { buildConsole, generateClient } from '#scripts/launcher/build.ts';
import { bundleCli } from '#scripts/launcher/bundle-cli.ts';
import { startSteps } from '#scripts/launcher/steps.ts';

const args = process.argv.slice(2);
const unknown = args.find((arg) => !['--sample', '--no-sample', '--dev'].includes(arg));
if (unknown !== undefined) {
  console.error(
    `"${unknown}" is not an option of npm start. There are --no-sample (no sample world), --sample (also with DATABASE_URL) and --dev.`,
  );
  process.exit(64);
}
const dev = args.includes('--dev');
const steps = startSteps();

// The first Ctrl-C stops everything in order, also while starting; a second one ends at once.
let stop = async () => {};
let stopping = false;
function leave(): void {
  if (stopping) {
    process.exit(130);
  }
  stopping = true;
  console.log('\nStopping.');
  stop().then(
    () => process.exit(0),
    () => process.exit(1),
  );
}
process.on('SIGINT', leave);
process.on('SIGTERM', leave);
// The terminal was closed.
process.on('SIGHUP', leave);

try {
  await steps.run('build', async () => {
    if (dev) {
      await generateClient();
      return 'not needed: development mode';
    }
    const made = await buildConsole();
    await bundleCli();
    return made ? 'made' : 'already made from these sources';
  });
  // Loaded only now: it needs the database client that the build step generates.
  const { startWorld } = await import('#scripts/launcher/world.ts');
  // Here, since the launcher gives its processes the keys that it makes where none are set.
  await loadKeys(process.env);
  const dataDir = path.resolve(process.env.REKEY_DATA_DIR || '.rekey');
  const world = await startWorld({
    dataDir,
    // Seeded where Rekey runs its own database; elsewhere only when asked for.
    sample: args.includes('--sample') || (!args.includes('--no-sample') && !process.env.DATABASE_URL),
    dev,
    steps,
    onStop: (stopWorld) => {
      stop = stopWorld;
    },
  });
  console.log(`\nRekey is ready: ${world.url}`);
  if (world.firstAdmin !== null) {
    console.log(`  E-mail:   ${world.firstAdmin.email}`);
    console.log(`  Password: ${world.firstAdmin.password}   (shown only now)`);
  }
  if (world.needsAdmin) {
    // The variables that were set are set there, too; the file has the others, such as the keys that were made here.
    const file = path.join(dataDir, 'server.env');
    console.log('  Nobody can sign in yet. To make the first admin, with the environment of this start:');
    console.log(`  node --env-file=${file} cli/rekey.mjs user create --email you@example.com --role admin`);
  }
  if (world.sampleVendor !== null) {
    const { url, email, password } = world.sampleVendor;
    console.log(`  The sample vendor's web app: ${url} (${email}, ${password})`);
  }
  if (world.sampleVendor === null) {
    console.log(`  Env files may be written under ${world.fileRoots} (REKEY_FILE_ROOTS).`);
  }
  const ended = await world.somethingEnded;
  if (!stopping) {
    console.error(`\nThe ${ended} ended by itself. Stopping the rest; "npm start" starts everything again.`);
    leave();
  }
} catch (error) {
  if (!stopping) {
    console.error(`\n${error instanceof Error ? error.message : error}`);
    await stop();
    process.exit(1);
  }
}
