import { parseArgs } from 'node:util';
import { createUserCommand } from '#cli/create-user.ts';
import { importCommand } from '#cli/import.ts';
import { db } from '#lib/db.ts';
import { EnvError } from '#lib/env.ts';
import { Problem } from '#lib/problem.ts';

const usage = `usage: rekey COMMAND

  rekey user create --email E --role R [--name N]
      makes a user and prints a link that lets them choose a password once, within 24 hours
      roles: viewer, auditor, operator, approver, admin

  rekey import FILE --map MAPPING [--map …] [--format dotenv|json] [--yes]
      moves credentials in from a file; without --yes it only says what it would do
      a MAPPING is a file of lines, or one line: KEY = issuer-name credential-name place.field=value … field

The command reads the same environment as the server.`;

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      email: { type: 'string' },
      role: { type: 'string' },
      name: { type: 'string' },
      format: { type: 'string' },
      map: { type: 'string', multiple: true },
      yes: { type: 'boolean' },
    },
  });
  const [first, file, ...more] = positionals;
  if (first === 'import' && more.length === 0) {
    return importCommand(file, values);
  }
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
