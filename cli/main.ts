import { parseArgs } from 'node:util';
import { createApiClientCommand } from '#cli/api-client.ts';
import { auditVerifyCommand } from '#cli/audit-verify.ts';
import type { Command } from '#cli/command.ts';
import { createUserCommand } from '#cli/create-user.ts';
import { importCommand } from '#cli/import.ts';
import { keysRotateCommand } from '#cli/keys-rotate.ts';
import { db } from '#lib/db.ts';
import { EnvError } from '#lib/env.ts';
import { Problem } from '#lib/problem.ts';

const commands: readonly Command[] = [
  createUserCommand,
  importCommand,
  createApiClientCommand,
  auditVerifyCommand,
  keysRotateCommand,
];

const usage = `usage: rekey COMMAND

${commands.map((command) => `  ${command.usage}\n`).join('\n')}
The command reads the same environment as the server.`;

const isAsked =
  (typed: readonly string[]) =>
  ({ words }: Command) =>
    words.every((word, n) => typed[n] === word);

async function run(typed: readonly string[]): Promise<void> {
  const command = commands.find(isAsked(typed));
  if (command === undefined) {
    throw new Problem(400, 'usage', usage);
  }
  const { values, positionals } = parseArgs({
    args: typed.slice(command.words.length),
    allowPositionals: true,
    options: command.options,
  });
  if (positionals.length > command.operands) {
    throw new Problem(400, 'usage', `usage: ${command.usage}`);
  }
  await command.run(positionals, values);
}

try {
  await run(process.argv.slice(2));
  await db().close();
} catch (error) {
  const expected = error instanceof Problem || error instanceof EnvError || error instanceof TypeError;
  console.error(expected ? error.message : error);
  process.exit(1);
}
