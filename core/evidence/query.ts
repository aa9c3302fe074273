import { type AuditAction, auditEventSchema } from '#core/audit/events.ts';
import { parseCreated } from '#core/evidence/created.ts';
import { wordsOf } from '#core/evidence/words.ts';

/** What can be asked for, in the order in which help and suggestions name it. */
export const qualifiers = {
  actor: 'Who did it: the whole name, such as actor:anna@example.com',
  action: 'What was done: action:rotation.completed, or its beginning: action:rotation.*',
  credential: 'The name or the id of a credential: credential:fleet-api',
  environment: 'What is of the credentials that are in an environment now: environment:production',
  outcome: 'outcome:success or outcome:failure',
  rotation: 'The id of a rotation, as it stands in its address',
  request: 'The id of the request that an event came with',
  created:
    'When, in UTC: created:2026-11-01..2026-11-28, created:2026-11-01.. or one day; the last day is included',
} as const;

export type Qualifier = keyof typeof qualifiers;

/** One part of a question. Several of one qualifier mean any of them; everything else must hold at once. */
export type Term =
  | { readonly qualifier: Exclude<Qualifier, 'created'>; readonly value: string }
  | { readonly qualifier: 'created'; readonly value: string }
  | { readonly qualifier: 'text'; readonly value: string };

/** What is wrong with one part of a question, as a sentence that names the part and what there is. */
export interface QueryProblem {
  readonly part: string;
  readonly message: string;
}

export interface ParsedQuery {
  readonly terms: readonly Term[];
  /** Empty for a question that can be answered. One that cannot is answered with nothing, never with less than was asked. */
  readonly problems: readonly QueryProblem[];
}

export const knownActions: readonly AuditAction[] = auditEventSchema.options.map(
  (option) => option.shape.action.value,
);

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LONGEST = 2000;

interface Part {
  raw: string;
  qualifier: string | null;
  value: string;
  closed: boolean;
}

// A part is `name:` or nothing, and then a text in double quotes or what stands before the next space.
const part = /(?:([A-Za-z_]+):)?(?:"((?:[^"\\]|\\[\s\S])*)("|$)|(\S*))/y;

function* partsOf(line: string): Generator<Part> {
  const text = line.trim();
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text[at] ?? '')) {
      at += 1;
      continue;
    }
    part.lastIndex = at;
    const [raw = '', name, quoted, end, bare = ''] = part.exec(text) ?? [];
    at += Math.max(1, raw.length);
    yield {
      raw,
      qualifier: name?.toLowerCase() ?? null,
      value: quoted === undefined ? bare : quoted.replaceAll(/\\([\s\S])/g, '$1'),
      closed: quoted === undefined || end === '"',
    };
  }
}

const isQualifier = (name: string): name is Qualifier => Object.hasOwn(qualifiers, name);

function checkAction(value: string): string | null {
  if (value.endsWith('*') ? /^[a-z_.]*\*$/.test(value) : knownActions.some((action) => action === value)) {
    return null;
  }
  const noun = value.slice(0, value.indexOf('.') + 1 || undefined);
  const near = knownActions.filter((action) => noun !== '' && action.startsWith(noun));
  const nouns = [...new Set(knownActions.map((action) => `${action.split('.')[0]}.*`))];
  return near.length > 0
    ? `There is no action “${value}”. Those that begin with “${noun}” are ${near.join(', ')}.`
    : `There is no action “${value}”. There are ${nouns.join(', ')}, and each of their actions.`;
}

/** Why a value does not fit its qualifier, or null. */
function checkValue(qualifier: Qualifier, value: string): string | null {
  if (value === '') {
    return `“${qualifier}:” has no value. ${qualifiers[qualifier]}.`;
  }
  switch (qualifier) {
    case 'action':
      return checkAction(value);
    case 'outcome':
      return value === 'success' || value === 'failure'
        ? null
        : `“outcome:” knows success and failure, not “${value}”.`;
    case 'rotation':
      return uuid.test(value)
        ? null
        : `“rotation:” wants the id of a rotation, as it stands in its address, and not “${value}”.`;
    case 'created': {
      const created = parseCreated(value);
      return 'problem' in created ? created.problem : null;
    }
    default:
      return null;
  }
}

function problemOf({ raw, qualifier, value, closed }: Part): string | null {
  if (!closed) {
    return `The quote in ${raw} is not closed. Put a " at its end.`;
  }
  if (qualifier === null) {
    return wordsOf(value).length > 0 ? null : `There is no word to search for in ${raw}.`;
  }
  if (!isQualifier(qualifier)) {
    const known = Object.keys(qualifiers).map((name) => `${name}:`);
    return `There is no qualifier “${qualifier}:”. There are ${known.join(', ')}. Put ${raw} in double quotes to search for it as text.`;
  }
  return checkValue(qualifier, value);
}

const termOf = ({ qualifier, value }: Part): Term => ({
  qualifier: qualifier !== null && isQualifier(qualifier) ? qualifier : 'text',
  value,
});

/** Takes a line apart. Pure; refuses nothing: what is wrong stands in `problems`. */
export function parseQuery(line: string): ParsedQuery {
  if (line.length > LONGEST || line.includes('\0')) {
    const message = `A question is at most ${LONGEST} characters long and has no NUL in it.`;
    return { terms: [], problems: [{ part: line.slice(0, 40), message }] };
  }
  const parts = [...partsOf(line)];
  const problems = parts.flatMap((found) => {
    const message = problemOf(found);
    return message === null ? [] : [{ part: found.raw, message }];
  });
  const created = parts.filter(({ qualifier }) => qualifier === 'created');
  if (created.length > 1) {
    const message = '“created:” stands there more than once. Give one range: created:2026-11-01..2026-11-28.';
    problems.push({ part: created[1]?.raw ?? '', message });
  }
  return { terms: problems.length > 0 ? [] : parts.map(termOf), problems };
}

const needsQuotes = ({ qualifier, value }: Term) =>
  /\s/.test(value) ||
  value.startsWith('"') ||
  value === '' ||
  (qualifier === 'text' && /^[A-Za-z_]+:/.test(value));

/** One part as it is written in a line. */
export function formatTerm(term: Term): string {
  const value = needsQuotes(term) ? `"${term.value.replaceAll(/[\\"]/g, '\\$&')}"` : term.value;
  return term.qualifier === 'text' ? value : `${term.qualifier}:${value}`;
}

/** The line that `parseQuery` takes apart into these parts again. */
export function formatQuery(terms: readonly Term[]): string {
  return terms.map(formatTerm).join(' ');
}
