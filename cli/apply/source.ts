import { isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { type Wish, wish } from '#cli/apply/wish.ts';
import { type Fault, readWithPaths } from '#lib/faults.ts';

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
  // The first one only: after it the parser takes every line that follows for wrong.
  const [broken] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (broken !== undefined) {
    const why = broken.code.toLowerCase().replaceAll('_', ' ');
    throw new FileFaults([`${placeOf(broken.pos[0])}: This is not YAML: ${why}.`]);
  }
  const at = (path: Path) => placeOf(startOf(document.contents, path));
  const { data, faults: wrong } = readWithPaths(wish, document.toJS({ maxAliasCount: 100 }) ?? {});
  if (wrong !== null) throw new FileFaults(wrong.map((fault) => lineOf(fault, at)));
  return { wish: data, at };
}

function lineOf({ path: keys, sentence, isUnknown }: Fault, at: Source['at']): string {
  const path = keys.map((step) => (typeof step === 'number' ? step : String(step)));
  const name = path.length === 0 ? 'The file' : path.join('.');
  return `${at(path)}: ${isUnknown ? `${name} is not known here.` : `${name}: ${sentence}`}`;
}
