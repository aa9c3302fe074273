import fs from 'node:fs';
import path from 'node:path';
import type { Change } from '#cli/apply/change.ts';
import { openSecrets, performChanges } from '#cli/apply/perform.ts';
import { planChanges } from '#cli/apply/plan.ts';
import { everything, namesIn, readServer, type Server } from '#cli/apply/server.ts';
import { asJson, showPlan } from '#cli/apply/show.ts';
import { readSource, type Source } from '#cli/apply/source.ts';
import { writeFile } from '#cli/apply/write.ts';
import { type Command, textOf, type Values } from '#cli/command.ts';
import { isTyped } from '#cli/confirm.ts';
import { Api, RemoteError } from '#cli/remote/api.ts';
import { readSettings } from '#cli/remote/settings.ts';
import { Problem } from '#lib/problem.ts';

/** What the exit code says, for scripts. */
const exits = { done: 0, differs: 2 } as const;

const usage = `rekey apply -f FILE [--plan | --yes] [--renew-secrets] [--json]
      makes the installation as the file says, after it has shown what differs; nothing rotates. Exit codes:
      0 done, or nothing to do; 2 it differs from the file (with --plan, or what cannot be changed); 1 is an error
  rekey apply --from-server
      prints such a file of what the installation has`;

function readFile(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    throw new Problem(400, 'unreadable', `${file} cannot be read (${reason}). Nothing was changed.`);
  }
}

/** Whether a person says yes, who has seen what differs. JSON is for programs, which cannot be asked. */
async function isConfirmed(isJson: boolean): Promise<boolean> {
  if (isJson) {
    throw new Problem(400, 'usage', 'Nobody can be asked here: say --yes. Nothing was changed.');
  }
  return isTyped('yes', 'Type yes to do this: ');
}

interface Planned {
  readonly source: Source;
  readonly server: Server;
  readonly changes: readonly Change[];
}

/** Does what was planned. Answers how many of it. */
async function perform(api: Api, file: string, planned: Planned, values: Values): Promise<number> {
  const isJson = values.json === true;
  const { source, changes } = planned;
  const todo = changes.filter(({ send }) => send !== undefined);
  if (todo.length === 0) return 0;
  const open = openSecrets(source, todo, path.dirname(file));
  if (values.yes !== true && !(await isConfirmed(isJson))) {
    console.error('Nothing was changed.');
    return 0;
  }
  let done = 0;
  try {
    await performChanges(api, { ...planned, open }, todo, ({ what, name }) => {
      done += 1;
      if (!isJson) console.log(`Done: ${what} ${name}`);
    });
  } catch (error) {
    if (isJson) console.log(JSON.stringify({ outcome: 'failed', changes: asJson(changes, done) }, null, 2));
    if (!(error instanceof RemoteError)) throw error;
    const left = todo.length - done;
    throw new RemoteError(
      `${error.message}\n${done} of ${todo.length} changes are done, ${left} are not. The same command again does what is left.`,
    );
  }
  return done;
}

async function apply(file: string, values: Values): Promise<number> {
  const source = readSource(file, readFile(file));
  const api = new Api(readSettings());
  const hasNotifiers = Object.values(source.wish.policies).some(({ notifiers }) => notifiers.length > 0);
  const server = await readServer(api, namesIn(source.wish), hasNotifiers);
  const changes = planChanges(source, server, { renews: values['renew-secrets'] === true });
  const isJson = values.json === true;
  if (!isJson) console.log(showPlan(changes));
  const done = values.plan === true ? 0 : await perform(api, file, { source, server, changes }, values);
  const outcome = changes.length > done ? 'differs' : 'done';
  if (isJson) console.log(JSON.stringify({ outcome, changes: asJson(changes, done) }, null, 2));
  return exits[outcome];
}

export const applyCommand: Command = {
  words: ['apply'],
  operands: 0,
  usage,
  options: {
    file: { type: 'string', short: 'f' },
    plan: { type: 'boolean' },
    yes: { type: 'boolean' },
    'renew-secrets': { type: 'boolean' },
    'from-server': { type: 'boolean' },
    json: { type: 'boolean' },
  },
  run: async (_, values) => {
    if (values['from-server'] === true) {
      console.log(writeFile(await readServer(new Api(readSettings()), everything, false)));
      return;
    }
    const file = textOf(values, 'file');
    if (file === undefined) throw new Problem(400, 'usage', `usage: ${usage}`);
    process.exitCode = await apply(file, values);
  },
};
