import { Problem } from '#lib/problem.ts';

/** Nobody is there: as the system says it, as Prisma does, and a Postgres that is still starting or about to stop. */
const unreachable = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']
  .concat(['P1001', 'P1002'])
  .concat(['57P01', '57P03']);

/** Says of a database that does not answer where it was looked for, and never with which password; throws what it is given otherwise. */
export function explainDatabase(error: unknown): never {
  const isUnreachable = error instanceof Error && 'code' in error && unreachable.includes(String(error.code));
  const address = process.env.DATABASE_URL ?? '';
  if (!isUnreachable || !URL.canParse(address)) {
    throw error;
  }
  const { hostname, port } = new URL(address);
  throw new Problem(
    503,
    'database_unreachable',
    `The database of DATABASE_URL does not answer (${hostname}:${port || '5432'}). Nothing was done beyond what is said above. Start it, or set DATABASE_URL to one that answers, and give the command again.`,
  );
}
