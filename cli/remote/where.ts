import { z } from 'zod';
import { type Api, RemoteError } from '#cli/remote/api.ts';
import { Problem } from '#lib/problem.ts';

const page = z.object({
  items: z.array(z.object({ id: z.string(), name: z.string() })),
  nextCursor: z.string().nullable(),
});

/** What a line can ask for; issuers and targets by their names. */
const QUALIFIERS = ['environment', 'issuer', 'label', 'owner', 'target'] as const;
type Qualifier = (typeof QUALIFIERS)[number];

const TERM = /^(?:(?<name>[a-z]+):)?(?:"(?<quoted>[^"]*)"|(?<bare>[^\s":]+|(?<=:)[^\s"]+))$/;
const TERMS = /(?:[^\s"]|"[^"]*")+|"/g;

const refuse = (sentence: string) => new Problem(400, 'usage', `--where: ${sentence} Nothing was changed.`);

const isQualifier = (name: string): name is Qualifier => QUALIFIERS.some((one) => one === name);

/**
 * Reads a line such as `environment:staging label:edge owner:"Store team"`; other words are looked for in names, owners and
 * labels. Throws a `Problem` where it asks for nothing, or for what it does not know.
 */
export function parseWhere(line: string): Partial<Record<Qualifier | 'q', string>> {
  const asked: Partial<Record<Qualifier | 'q', string>> = {};
  for (const term of line.match(TERMS) ?? []) {
    const { name, quoted, bare } = TERM.exec(term)?.groups ?? {};
    const value = (quoted ?? bare ?? '').trim();
    if (value === '' || (name !== undefined && !isQualifier(name))) {
      throw refuse(
        `${term} is not understood. Write ${QUALIFIERS.map((one) => `${one}:…`).join(', ')} or a word.`,
      );
    }
    if (name !== undefined && asked[name] !== undefined) {
      throw refuse(`${name}: can be said once.`);
    }
    asked[name ?? 'q'] = name === undefined && asked.q !== undefined ? `${asked.q} ${value}` : value;
  }
  if (Object.keys(asked).length === 0) {
    throw refuse('Say what the credentials have in common.');
  }
  return asked;
}

/** The id of what a list of the API calls so. */
async function idOf(api: Api, list: 'issuers' | 'targets', name: string): Promise<string> {
  const query = new URLSearchParams({ limit: '100' });
  for (;;) {
    const { items, nextCursor } = page.parse((await api.get(`/${list}?${query}`)).body);
    const found = items.find((one) => one.name === name);
    if (found !== undefined) return found.id;
    if (nextCursor === null) {
      throw new RemoteError(`There is no ${list.slice(0, -1)} called ${name}. Nothing was changed.`);
    }
    query.set('cursor', nextCursor);
  }
}

/** The filter that a line stands for, as the API takes it. */
export async function readWhere(api: Api, line: string): Promise<Record<string, string>> {
  const { issuer, target, ...words } = parseWhere(line);
  return {
    ...words,
    ...(issuer === undefined ? {} : { issuerId: await idOf(api, 'issuers', issuer) }),
    ...(target === undefined ? {} : { targetId: await idOf(api, 'targets', target) }),
  };
}
