import { parseArgs } from 'node:util';
import { createUserCommand } from '#cli/create-user.ts';
import { db } from '#lib/db.ts';
import { EnvError } from '#lib/env.ts';
import { Problem } from '#lib/problem.ts';

const usage = `usage: rekey COMMAND

  rekey user create --email E --role R [--name N]
      makes a user and prints a link that lets them choose a password once, within 24 hours
      roles: viewer, auditor, operator, approver, admin

The command reads the same environment as the server.`;

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { email: { type: 'string' }, role: { type: 'string' }, name: { type: 'string' } },
  });
  switch (positionals.join(' ')) {
    case 'user create':
      return createUserCommand(values);
    default:
      throw new Problem(400, 'usage', usage);
  }
}

try {
  await run();
  await db().close();
} catch (error) {
  const expected = error instanceof Problem || error instanceof EnvError || error instanceof TypeError;
  console.error(expected ? error.message : error);
  process.exit(1);
}
