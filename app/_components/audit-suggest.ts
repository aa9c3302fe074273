/* What the line of the audit log suggests while it is typed. Pure. */

export interface Suggestions {
  /** What each qualifier asks for, by its name. */
  qualifiers: Readonly<Record<string, string>>;
  actions: readonly string[];
  /** Those that there are credentials for. */
  environments: readonly string[];
}

const MOST = 8;

/** The part of a line that the cursor stands in: where it begins, and what is typed of it. */
export function partAt(line: string, cursor: number): { start: number; typed: string } {
  const start = line.slice(0, cursor).search(/\S*$/);
  return { start, typed: line.slice(start, cursor) };
}

/** What a part may become: a qualifier, an action, the beginning of actions, an outcome, an environment. */
export function suggest(typed: string, { qualifiers, actions, environments }: Suggestions): string[] {
  const small = typed.toLowerCase();
  if (small.startsWith('action:')) {
    const value = small.slice('action:'.length);
    const nouns = [...new Set(actions.map((action) => `${action.split('.')[0]}.*`))];
    const found = [...nouns, ...actions].filter((action) => action.includes(value) && action !== value);
    return found.map((action) => `action:${action}`).slice(0, MOST);
  }
  if (small.startsWith('outcome:')) {
    return ['outcome:success', 'outcome:failure'].filter((one) => one.startsWith(small) && one !== small);
  }
  if (small.startsWith('environment:')) {
    return environments
      .map((name) => `environment:${/[\s"]/.test(name) ? JSON.stringify(name) : name}`)
      .filter((one) => one.toLowerCase().startsWith(small) && one !== typed)
      .slice(0, MOST);
  }
  return small === ''
    ? []
    : Object.keys(qualifiers).flatMap((name) => (name.startsWith(small) ? [`${name}:`] : []));
}

/** The line with a suggestion in the place of the part that the cursor stands in, and where the cursor is then. */
export function complete(line: string, cursor: number, suggestion: string): { line: string; cursor: number } {
  const { start } = partAt(line, cursor);
  const before = `${line.slice(0, start)}${suggestion}${suggestion.endsWith(':') ? '' : ' '}`;
  return { line: before + line.slice(start).replace(/^\S*\s?/, ''), cursor: before.length };
}
