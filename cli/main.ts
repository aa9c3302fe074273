import path from 'node:path';
import { parseArgs } from 'node:util';
import { ZodError } from 'zod';
import { FileFaults } from '#cli/apply/source.ts';
import type { Command } from '#cli/command.ts';
import { explainDatabase } from '#cli/explain-database.ts';
import { actOnRotationCommands } from '#cli/remote/act-on-rotation.ts';
import { RemoteError } from '#cli/remote/api.ts';
import { applyCommand } from '#cli/remote/apply.ts';
import { auditExportCommand } from '#cli/remote/audit-export.ts';
import { credentialsArchiveCommand, credentialsChangeCommand } from '#cli/remote/change-credential.ts';
import { credentialsListCommand } from '#cli/remote/credentials.ts';
import { execCommand } from '#cli/remote/exec.ts';
import { loginCommand } from '#cli/remote/login.ts';
import { planCommand } from '#cli/remote/plan.ts';
import { rotateCommand } from '#cli/remote/rotate.ts';
import { rotationsListCommand, rotationsShowCommand, rotationsWaitCommand } from '#cli/remote/rotations.ts';
import { EnvError } from '#lib/env.ts';
import { loadKeys } from '#lib/keys.ts';
import { Problem } from '#lib/problem.ts';
import { productVersion } from '#lib/product-version.ts';
import { takeServerEnv } from '#lib/server-env.ts';

/** Commands that ask an installation over its HTTP API, from anywhere. */
const remoteCommands: readonly Command[] = [
  loginCommand,
  credentialsListCommand,
  credentialsChangeCommand,
  credentialsArchiveCommand,
  planCommand,
  rotateCommand,
  rotationsListCommand,
  rotationsShowCommand,
  rotationsWaitCommand,
  ...actOnRotationCommands,
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

/** Whether help is asked for, and not by a program that is named after `--`. */
function asksForHelp(typed: readonly string[]): boolean {
  const dashes = typed.indexOf('--');
  return (dashes < 0 ? typed : typed.slice(0, dashes)).some((word) => word === '--help' || word === '-h');
}

/** The commands that begin like what was typed. */
const begunLike = (typed: readonly string[], commands: readonly Command[]) =>
  commands.filter(({ words }) => words[0] === typed[0]);

/** What is said to words that are no command: the commands that begin like them, or all of them by their names. */
function unknownCommand(typed: readonly string[], commands: readonly Command[]): Problem {
  const meant = begunLike(typed, commands);
  const names = (meant.length > 0 ? meant : commands).map(({ words }) => words.join(' '));
  const sentence = `“${typed.join(' ')}” is no command. There is: ${names.join(', ')}. rekey --help says what each does.`;
  return new Problem(400, 'usage', sentence);
}

/** What was typed, as options and operands. Throws a `Problem` that ends in how the command is typed. */
function readTyped({ words, options, operands, afterDashes, usage }: Command, typed: readonly string[]) {
  const wrong = (sentence: string) => new Problem(400, 'usage', `${sentence}usage: ${usage}`);
  try {
    const { values, positionals, tokens } = parseArgs({
      args: typed.slice(words.length),
      allowPositionals: true,
      options,
      tokens: true,
    });
    const dashes = tokens.find(({ kind }) => kind === 'option-terminator')?.index ?? Number.POSITIVE_INFINITY;
    const isStray = tokens.some(({ kind, index }) => kind === 'positional' && index < dashes);
    if (positionals.length > operands || (afterDashes && isStray)) throw wrong('');
    return { values, positionals };
  } catch (error) {
    // Node's sentences about options are one for people each, with a hint about dashes that fits no command but exec.
    if (error instanceof TypeError) throw wrong(`${error.message.split('. ')[0]}.\n`);
    throw error;
  }
}

async function start(command: Command, typed: readonly string[]): Promise<void> {
  process.exitCode = command.typedWrong ?? 1;
  const { values, positionals } = readTyped(command, typed);
  process.exitCode = 0;
  await command.run(positionals, values);
}

/** Says of an answer of another shape that the command and the server may not be of one version. */
function explainShape(error: unknown): never {
  if (!(error instanceof ZodError)) throw error;
  const field = error.issues[0]?.path.join('.') ?? '';
  throw new RemoteError(
    `The answer is not as this command expects it${field === '' ? '' : ` (${field})`}: this is rekey ${productVersion()}, and the server may be of another version. What was asked for may have been done.`,
  );
}

async function run(typed: readonly string[]): Promise<void> {
  const remote = remoteCommands.find(isAsked(typed));
  if (remote !== undefined) {
    if (asksForHelp(typed)) console.log(`usage: ${remote.usage}`);
    else await start(remote, typed).catch(explainShape);
    return;
  }
  if (typed[0] === '--version') {
    console.log(`rekey ${productVersion()}`);
    return;
  }
  // Loaded here only: a remote command starts faster without.
  const { localCommands } = await import('#cli/local.ts');
  const command = localCommands.find(isAsked(typed));
  if (typed.length === 0 || typed[0] === 'help' || asksForHelp(typed)) {
    const meant = command === undefined ? begunLike(typed, [...remoteCommands, ...localCommands]) : [command];
    console.log(meant.length === 0 ? usageOf(localCommands) : `usage: ${helpOf(meant).trim()}`);
    return;
  }
  if (command === undefined) throw unknownCommand(typed, [...remoteCommands, ...localCommands]);
  await takeServerEnv(
    path.resolve(process.env.REKEY_DATA_DIR || path.join(import.meta.dirname, '../.rekey')),
  );
  await loadKeys(process.env);
  await start(command, typed).catch(explainDatabase);
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  const expected = [Problem, EnvError, RemoteError, FileFaults, TypeError].some(
    (kind) => error instanceof kind,
  );
  console.error(expected && error instanceof Error ? error.message : error);
  process.exit(process.exitCode || 1);
}
