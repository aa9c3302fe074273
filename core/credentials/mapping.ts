import { z } from 'zod';
import { faultsInWords, readInput } from '#lib/faults.ts';
import { Problem } from '#lib/problem.ts';

/* Which keys of a file become which credentials. It holds names and places, never a secret. */

export interface Mapping {
  /** The credential's name here. */
  readonly name: string;
  /** The issuer's name. */
  readonly issuer: string;
  /** Field of the secret → key of the file. The field is empty where it is the issuer's secret itself. */
  readonly fields: Readonly<Record<string, string>>;
  /** As entered; a text that begins with `$` is the value of that key. */
  readonly place: Readonly<Record<string, string | number | boolean>>;
  readonly environment: string;
  readonly owner?: string | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly externalId?: string | undefined;
  /** Rekey makes its first value, so no key holds one. */
  readonly make?: boolean | undefined;
}

interface Line extends Pick<Mapping, 'name' | 'issuer' | 'place'> {
  readonly where: string;
  readonly key: string;
  readonly field: string;
  readonly settings: Readonly<Record<string, string>>;
}

const WORD = /(?:[^\s"]|"(?:[^"\\]|\\.)*")+/g;
const QUOTED = /"((?:[^"\\]|\\.)*)"/g;
const SETTINGS = ['environment', 'owner', 'labels', 'externalId'];
const FORM = 'KEY = issuer-name credential-name place.field=value … field';

const json = z.record(
  z.string().min(1),
  z.strictObject({
    issuer: z.string().min(1),
    fields: z.record(z.string(), z.string()).default({}),
    place: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
    environment: z.string().default('production'),
    owner: z.string().optional(),
    labels: z.array(z.string()).optional(),
    externalId: z.string().optional(),
    make: z.boolean().optional(),
  }),
);

/** Reads one mapping: lines of the form above, or a JSON object by credential name. `source` is what errors call it. */
export function parseMapping(text: string, source: string): Mapping[] {
  return text.trimStart().startsWith('{') ? fromJson(text, source) : fromLines(text, source);
}

function refuse(where: string, sentence: string): Problem {
  return new Problem(400, 'bad_mapping', `${where}: ${sentence} Nothing was changed.`);
}

function fromJson(text: string, source: string): Mapping[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw refuse(source, 'It begins as JSON and is none.');
  }
  const { data, faults } = readInput(json, parsed);
  if (faults !== null) throw refuse(source, faultsInWords(faults));
  return Object.entries(data).map(([name, mapping]) => ({ name, ...mapping }));
}

function fromLines(text: string, source: string): Mapping[] {
  const lines = text
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), where: `Line ${index + 1} of ${source}` }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, where }) => parseLine(line, where));
  const names = [...new Set(lines.map(({ name }) => name))];
  return names.map((name) => merge(lines.filter((line) => line.name === name)));
}

const unquoted = (word: string) =>
  word.replaceAll(QUOTED, (_all, inner: string) => inner.replaceAll(/\\(.)/g, '$1'));

function parseLine(line: string, where: string): Line {
  const [, key, rest = ''] = /^([^\s=]+)\s*=\s*(.*)$/.exec(line) ?? [];
  const [issuer, name, ...more] = rest.match(WORD) ?? [];
  if (key === undefined || issuer === undefined || name === undefined) {
    throw refuse(where, `Write ${FORM}. Put quotes around a name with spaces.`);
  }
  const pairs = more.map((word) => /^([\w.]+)=(.*)$/.exec(word)).filter((found) => found !== null);
  const fields = more.filter((word) => !word.includes('='));
  const values = pairs.map(([, setting = '', value = '']) => [setting, unquoted(value)] as const);
  const strange = values.find(([setting]) => !SETTINGS.includes(setting) && !/^place\.\w+$/.test(setting));
  if (strange !== undefined || fields.length > 1 || pairs.length + fields.length !== more.length) {
    const known = `place.field=, ${SETTINGS.map((setting) => `${setting}=`).join(', ')} and one field`;
    throw refuse(where, `After the credential's name come ${known}, and nothing else.`);
  }
  const isPlace = ([setting]: readonly [string, string]) => setting.startsWith('place.');
  return {
    where,
    key,
    issuer: unquoted(issuer),
    name: unquoted(name),
    field: fields[0] ?? '',
    place: Object.fromEntries(values.filter(isPlace).map(([setting, value]) => [setting.slice(6), value])),
    settings: Object.fromEntries(values.filter((pair) => !isPlace(pair))),
  };
}

/** What several lines say of one credential. They may not contradict each other. */
function merge(lines: readonly Line[]): Mapping {
  const said = new Map<string, string | number | boolean>();
  const put = (line: Line, what: string, value: string | number | boolean) => {
    if (said.has(what) && said.get(what) !== value) {
      throw refuse(line.where, `${what} of ${line.name} is said twice and differently.`);
    }
    said.set(what, value);
  };
  for (const line of lines) {
    put(line, 'The issuer', line.issuer);
    put(line, line.field === '' ? 'The secret' : `The field ${line.field}`, line.key);
    for (const [name, value] of Object.entries(line.place)) {
      put(line, `place.${name}`, value);
    }
    for (const [name, value] of Object.entries(line.settings)) {
      put(line, name, value);
    }
  }
  const {
    environment = 'production',
    labels,
    ...settings
  }: Line['settings'] = Object.assign({}, ...lines.map((line) => line.settings));
  return {
    name: lines[0]?.name ?? '',
    issuer: lines[0]?.issuer ?? '',
    fields: Object.fromEntries(lines.map(({ field, key }) => [field, key])),
    place: Object.assign({}, ...lines.map((line) => line.place)),
    environment,
    ...(labels === undefined ? {} : { labels: labels.split(',').flatMap((label) => label.trim() || []) }),
    ...settings,
  };
}
