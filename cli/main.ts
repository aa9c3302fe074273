import { parseArgs } from 'node:util';
import { FileFaults } from '#cli/apply/source.ts';
import type { Command } from '#cli/command.ts';
import { RemoteError } from '#cli/remote/api.ts';
import { applyCommand } from '#cli/remote/apply.ts';
import { auditExportCommand } from '#cli/remote/audit-export.ts';
import { credentialsArchiveCommand, credentialsChangeCommand } from '#cli/remote/change-credential.ts';
import { credentialsListCommand } from '#cli/remote/credentials.ts';
import { execCommand } from '#cli/remote/exec.ts';
import { loginCommand } from '#cli/remote/login.ts';
import { planCommand } from '#cli/remote/plan.ts';
import { rotateCommand } from '#cli/remote/rotate.ts';
import { EnvError } from '#lib/env.ts';
import { loadKeys } from '#lib/keys.ts';
import { Problem } from '#lib/problem.ts';

/** Commands that ask an installation over its HTTP API, from anywhere. */
const remoteCommands: readonly Command[] = [
  loginCommand,
  credentialsListCommand,
  credentialsChangeCommand,
  credentialsArchiveCommand,
  planCommand,
  rotateCommand,
  execCommand,
  auditExportCommand,
  applyCommand,
];

const helpOf = (commands: readonly Command[]) => commands.map(({ usage }) => `  ${usage}\n`).join('\n');

const usageOf = (local: readonly Command[]) => `usage: rekey COMMAND

From anywhere, as an API client (REKEY_API_URL, REKEY_CLIENT_ID and REKEY_CLIENT_SECRET, or rekey login):

${helpOf(remoteCommands)}
On the server, with the server’s environment:

${helpOf(local)}`;

const isAsked =
  (typed: readonly string[]) =>
  ({ words }: Command) =>
    words.every((word, n) => typed[n] === word);

async function start(command: Command, typed: readonly string[]): Promise<void> {
  const { values, positionals, tokens } = parseArgs({
    args: typed.slice(command.words.length),
    allowPositionals: true,
    options: command.options,
    tokens: true,
  });
  const dashes = tokens.find(({ kind }) => kind === 'option-terminator')?.index ?? Number.POSITIVE_INFINITY;
  const isStray = tokens.some(({ kind, index }) => kind === 'positional' && index < dashes);
  if (positionals.length > command.operands || (command.afterDashes && isStray)) {
    throw new Problem(400, 'usage', `usage: ${command.usage}`);
  }
  await command.run(positionals, values);
}

async function run(typed: readonly string[]): Promise<void> {
  const remote = remoteCommands.find(isAsked(typed));
  if (remote !== undefined) {
    await start(remote, typed);
    return;
  }
  // Loaded here only: a remote command needs neither the rules nor the database, and starts faster without.
  const { localCommands } = await import('#cli/local.ts');
  const command = localCommands.find(isAsked(typed));
  if (command === undefined) {
    throw new Problem(400, 'usage', usageOf(localCommands));
  }
  await loadKeys(process.env);
  await start(command, typed);
  const { db } = await import('#lib/db.ts');
  await db().close();
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  const expected = [Problem, EnvError, RemoteError, FileFaults, TypeError].some(
    (kind) => error instanceof kind,
  );
  console.error(expected && error instanceof Error ? error.message : error);
  process.exit(1);
}
