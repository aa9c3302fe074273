import { isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type Wish, wish } from '#cli/apply/wish.ts';

/** Where something stands in the file: names of fields, and numbers of items. */
export type Path = readonly (string | number)[];

/** What is wrong with the file: a line for each fault, with its place. No value of the file is repeated. */
export class FileFaults extends Error {
  override readonly name = 'FileFaults';

  constructor(faults: readonly string[]) {
    super([...faults, 'Nothing was changed.'].join('\n'));
  }
}

/** A file that was read. */
export interface Source {
  readonly wish: Wish;
  /** `rekey.yml:12:5` for a field, or for what it would stand in. */
  at(path: Path): string;
}

/** The node of a field, by its name where it has one. */
function stepInto(
  node: unknown,
  step: string | number,
): { start: number | undefined; value: unknown } | null {
  if (isMap(node)) {
    const pair = node.items.find(
      ({ key }) => String((key as { value?: unknown } | null)?.value) === String(step),
    );
    return pair === undefined ? null : { start: (pair.key as Node | null)?.range?.[0], value: pair.value };
  }
  const item = isSeq(node) ? node.items[Number(step)] : undefined;
  return item === undefined ? null : { start: (item as Node | null)?.range?.[0], value: item };
}

/** Where a path, or the longest part of it that is there, begins. */
function startOf(root: unknown, path: Path): number {
  let start = 0;
  let node = root;
  for (const step of path) {
    const next = stepInto(node, step);
    if (next === null) break;
    start = next.start ?? start;
    node = next.value;
  }
  return start;
}

/** Reads the text of a file. Throws `FileFaults`. */
export function readSource(file: string, text: string): Source {
  const lines = new LineCounter();
  // Its own sentences quote the file, and with it what may be a secret in the wrong place: only their codes are told.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: 'core' });
  const placeOf = (start: number) => {
    const { line, col } = lines.linePos(start);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const faults = [...document.errors, ...document.warnings].map(
    ({ code, pos }) => `${placeOf(pos[0])}: This is not YAML: ${code.toLowerCase().replaceAll('_', ' ')}.`,
  );
  if (faults.length > 0) throw new FileFaults(faults);
  const at = (path: Path) => placeOf(startOf(document.contents, path));
  const result = wish.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (!result.success) throw new FileFaults(result.error.issues.flatMap((issue) => faultsOf(issue, at)));
  return { wish: result.data, at };
}

function faultsOf(issue: z.core.$ZodIssue, at: Source['at']): string[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${at([...path, key])}: ${[...path, key].join('.')} is not known here.`);
  }
  return [`${at(path)}: ${path.length === 0 ? 'The file' : path.join('.')}: ${issue.message}`];
}
