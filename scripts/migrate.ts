import { startTemporaryPostgres } from '#scripts/launcher/temporary-postgres.ts';
import { compareWithSchema, create, deploy } from '#scripts/migrations.ts';

const usage = `usage: npm run db:migrate -- COMMAND
  deploy        apply pending migrations to REKEY_MIGRATION_URL and grant DATABASE_URL's role what it needs
  create NAME   write a migration with what prisma/schema.prisma has and the migrations lack
  check         fail when schema, SQL functions and migrations disagree`;

async function withDatabase<T>(use: (url: string) => Promise<T>): Promise<T> {
  const postgres = await startTemporaryPostgres();
  try {
    return await use(postgres.url('postgres'));
  } finally {
    await postgres.stop();
  }
}

async function runDeploy(): Promise<void> {
  const { REKEY_MIGRATION_URL: owner, DATABASE_URL: app } = process.env;
  if (owner === undefined) {
    throw new Error('REKEY_MIGRATION_URL is not set: it is the address of the database with its owner.');
  }
  const appRole = app === undefined ? null : decodeURIComponent(new URL(app).username);
  const ownerRole = decodeURIComponent(new URL(owner).username);
  const applied = await deploy(owner, appRole === ownerRole ? null : appRole);
  console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`);
}

async function runCreate(name: string | undefined): Promise<void> {
  if (name === undefined || !/^[a-z0-9_]+$/.test(name)) {
    throw new Error('A migration needs a name of small letters, digits and underscores.');
  }
  const directory = await withDatabase((url) => create(url, name));
  console.log(
    directory === null
      ? 'Nothing to migrate: the migrations say what the schema says.'
      : `Wrote ${directory}`,
  );
}

async function runCheck(): Promise<void> {
  const { sql, functions } = await withDatabase(compareWithSchema);
  if (sql !== null) {
    throw new Error(`prisma/schema.prisma and the migrations disagree. Missing:\n${sql}`);
  }
  if (functions) {
    throw new Error('prisma/sql/ and the functions made by the migrations disagree.');
  }
  console.log('Schema, SQL functions and migrations agree.');
}

const [command, name] = process.argv.slice(2);
try {
  if (command === 'deploy') await runDeploy();
  else if (command === 'create') await runCreate(name);
  else if (command === 'check') await runCheck();
  else throw new Error(usage);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
// The migration engine leaves a timer behind that would hold the process for ten seconds.
process.exit();
