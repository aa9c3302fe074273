import { z } from 'zod';
import { type Command, textOf } from '#cli/command.ts';
import { secondsOf } from '#cli/duration.ts';
import { Api } from '#cli/remote/api.ts';
import { findCredential } from '#cli/remote/credentials.ts';
import { followRotation, watchRotation } from '#cli/remote/follow-rotation.ts';
import { type Rotation, readRotation, requireRotationId } from '#cli/remote/rotation.ts';
import { readSettings } from '#cli/remote/settings.ts';
import { showRotation } from '#cli/remote/show-rotation.ts';
import { table } from '#cli/table.ts';
import { Problem } from '#lib/problem.ts';

/* Looking at rotations: the list, one of them, and waiting for one. */

const row = z.looseObject({
  id: z.string(),
  credential: z.string(),
  environment: z.string(),
  strategy: z.string(),
  phase: z.string(),
  direction: z.string(),
  outcome: z.string().nullable(),
  hold: z.string().nullable(),
  fromVersion: z.number().nullable(),
  toVersion: z.number().nullable(),
  requestedBy: z.string().nullable(),
  createdAt: z.string(),
});
const page = z.object({ items: z.array(row), nextCursor: z.string().nullable() });

type Row = z.output<typeof row>;

const STATES = ['open', 'running', 'held', 'completed', 'rolled_back', 'ended'];
const USUAL_LIMIT = 50;

const wrong = (sentence: string) => new Problem(400, 'usage', sentence);

/** What the API is asked for by `--state`; what is open is running or held. */
function stateQuery(given: string | undefined): Record<string, string> {
  const state = given?.replaceAll('-', '_');
  if (state === undefined) return {};
  if (!STATES.includes(state)) throw wrong(`--state is one of ${STATES.join(', ')}; not ${given}.`);
  return state === 'open' ? { open: 'true' } : { state };
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return USUAL_LIMIT;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw wrong(`--limit is a number of rotations, not ${text}.`);
  return Number(text);
}

/** The newest that fit, so many at the most, and whether there are more. */
async function newest(api: Api, filter: Record<string, string>, limit: number) {
  const rows: Row[] = [];
  const query = new URLSearchParams({ ...filter });
  for (;;) {
    query.set('limit', String(Math.min(limit - rows.length, 100)));
    const { items, nextCursor } = page.parse((await api.get(`/rotations?${query}`)).body);
    rows.push(...items);
    if (nextCursor === null || rows.length >= limit) return { rows, hasMore: nextCursor !== null };
    query.set('cursor', nextCursor);
  }
}

function stateOf({ outcome, hold, phase, direction }: Row): string {
  if (outcome !== null) return outcome;
  if (hold !== null) return `held: ${hold}`;
  return direction === 'forward' ? phase : `back: ${phase}`;
}

const version = (n: number | null) => (n === null ? '' : `v${n}`);

function showRows(rows: readonly Row[]): string {
  const head = ['ID', 'CREDENTIAL', 'ENVIRONMENT', 'STATE', 'VERSIONS', 'HOW', 'ASKED FOR BY', 'BEGAN'];
  const lines = rows.map((one) => [
    one.id,
    one.credential,
    one.environment,
    stateOf(one),
    [one.fromVersion, one.toVersion].map(version).filter(Boolean).join(' → '),
    one.strategy,
    one.requestedBy ?? '',
    one.createdAt,
  ]);
  return table([head, ...lines]).join('\n');
}

export const rotationsListCommand: Command = {
  words: ['rotations', 'list'],
  operands: 0,
  usage: `rekey rotations list [--credential NAME] [--state S] [--environment E] [--limit N] [--json]
      lists rotations, the newest first, ${USUAL_LIMIT} without --limit. S is one of ${STATES.join(', ')}`,
  options: {
    credential: { type: 'string' },
    state: { type: 'string' },
    environment: { type: 'string' },
    limit: { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async (_, values) => {
    const filter = stateQuery(textOf(values, 'state'));
    const limit = limitOf(textOf(values, 'limit'));
    const [name, environment] = [textOf(values, 'credential'), textOf(values, 'environment')];
    const api = new Api(readSettings());
    if (name !== undefined) filter.credentialId = await findCredential(api, name);
    if (environment !== undefined) filter.environment = environment;
    const { rows, hasMore } = await newest(api, filter, limit);
    console.log(values.json === true ? JSON.stringify(rows, null, 2) : showRows(rows));
    if (rows.length === 0) console.error('No rotation fits.');
    if (hasMore) console.error(`There are more than ${rows.length}: say --limit, or narrow it down.`);
  },
};

/** Prints a rotation as a line of JSON each time that it is another. */
function printChanged(): (state: Rotation) => void {
  let last = '';
  return (state) => {
    const line = JSON.stringify(state);
    if (line !== last) console.log(line);
    last = line;
  };
}

export const rotationsShowCommand: Command = {
  words: ['rotations', 'show'],
  operands: 1,
  usage: `rekey rotations show ID [--watch] [--json]
      says where a rotation stands, what state things are in, and what can be done now; with --watch each change until
      it has ended, also while it is held. With both, each change is a line of JSON. Exit codes with --watch: 0, 3 as of rotate`,
  options: { watch: { type: 'boolean' }, json: { type: 'boolean' } },
  run: async ([given], values) => {
    const id = requireRotationId(given);
    const api = new Api(readSettings());
    const first = await readRotation(api, id);
    const isJson = values.json === true;
    if (values.watch !== true) {
      console.log(isJson ? JSON.stringify(first, null, 2) : showRotation(api, first).join('\n'));
      return;
    }
    const following = { api, first, seconds: undefined };
    process.exitCode = isJson
      ? await watchRotation({ ...following, say: console.error }, printChanged())
      : await watchRotation({ ...following, say: console.log });
  },
};

export const rotationsWaitCommand: Command = {
  words: ['rotations', 'wait'],
  operands: 1,
  usage: `rekey rotations wait ID [--timeout 15m] [--json]
      follows a rotation as rekey rotate --wait does, with its exit codes`,
  options: { timeout: { type: 'string' }, json: { type: 'boolean' } },
  run: async ([given], values) => {
    const id = requireRotationId(given);
    const seconds = secondsOf(values, 'timeout');
    const api = new Api(readSettings());
    const isJson = values.json === true;
    const say = isJson ? console.error : console.log;
    const first = await readRotation(api, id);
    const { state, code } = await followRotation({ api, first, say, seconds });
    if (isJson) console.log(JSON.stringify(state, null, 2));
    process.exitCode = code;
  },
};
