import { z } from 'zod';
import { type Command, textOf } from '#cli/command.ts';
import { Api, RemoteError } from '#cli/remote/api.ts';
import { readSettings } from '#cli/remote/settings.ts';
import { table } from '#cli/table.ts';

const row = z.looseObject({
  id: z.string(),
  name: z.string(),
  issuer: z.string(),
  environment: z.string(),
  version: z.number().nullable(),
  confirmed: z.number(),
  targets: z.number(),
  nextRotationAt: z.string().nullable(),
  open: z.object({ phase: z.string(), hold: z.string().nullable() }).nullable(),
  paused: z.boolean(),
});
const page = z.object({ items: z.array(row), nextCursor: z.string().nullable() });

type Row = z.output<typeof row>;

/** Every credential that fits and that the API client may see, page by page. */
async function* credentialsOf(
  api: Api,
  filter: Readonly<{ environment?: string; q?: string }>,
): AsyncGenerator<Row> {
  const query = new URLSearchParams({ limit: '100', ...filter });
  for (;;) {
    const { items, nextCursor } = page.parse((await api.get(`/credentials?${query}`)).body);
    yield* items;
    if (nextCursor === null) return;
    query.set('cursor', nextCursor);
  }
}

async function isCredential(api: Api, id: string): Promise<boolean> {
  try {
    await api.get(`/credentials/${id}`);
    return true;
  } catch (error) {
    if (error instanceof RemoteError && error.status === 404) return false;
    throw error;
  }
}

/** The id of a credential that is given by its name, or by its id. */
export async function findCredential(api: Api, given: string): Promise<string> {
  for await (const { id, name } of credentialsOf(api, { q: given })) {
    if (name === given) return id;
  }
  if (z.uuid().safeParse(given).success && (await isCredential(api, given))) return given;
  throw new RemoteError(`There is no credential called ${given}, or this API client may not see it.`);
}

function stateOf({ open, paused }: Row): string {
  if (open === null) return paused ? 'paused' : '';
  return open.hold === null ? open.phase : `held: ${open.hold}`;
}

export const credentialsListCommand: Command = {
  words: ['credentials', 'list'],
  operands: 0,
  usage: `rekey credentials list [--environment E] [--json]
      lists the credentials that the API client may see`,
  options: { environment: { type: 'string' }, json: { type: 'boolean' } },
  run: async (_, values) => {
    const rows: Row[] = [];
    const environment = textOf(values, 'environment');
    const filter = environment === undefined ? {} : { environment };
    for await (const one of credentialsOf(new Api(readSettings()), filter)) rows.push(one);
    if (values.json === true) {
      console.log(JSON.stringify(rows, null, 2));
      return;
    }
    const head = ['NAME', 'ENVIRONMENT', 'ISSUER', 'VERSION', 'CONFIRMED', 'NEXT ROTATION', 'STATE'];
    const lines = rows.map((one) => [
      one.name,
      one.environment,
      one.issuer,
      one.version === null ? '' : `v${one.version}`,
      `${one.confirmed} of ${one.targets}`,
      one.nextRotationAt ?? '',
      stateOf(one),
    ]);
    console.log(table([head, ...lines]).join('\n'));
  },
};
