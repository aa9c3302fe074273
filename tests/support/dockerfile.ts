/** What a Dockerfile says, as far as the tests need it: stages with their instructions, in order. */
export interface Stage {
  readonly name: string;
  /** An image with its tag, or the name of an earlier stage. */
  readonly from: string;
  readonly instructions: readonly { readonly keyword: string; readonly rest: string }[];
}

export interface Copy {
  /** The stage it copies from; null: the folder that is built. */
  readonly from: string | null;
  readonly sources: readonly string[];
  readonly to: string;
}

/** Reads one instruction per line, with `\` at the end of a line joining it to the next. */
export function parseDockerfile(text: string): Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: { name: string; from: string; instructions: { keyword: string; rest: string }[] }[] = [];
  for (const line of lines) {
    const [, keyword = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    const from = /^(\S+) AS (\S+)$/.exec(rest);
    if (keyword === 'FROM' && from?.[1] !== undefined && from[2] !== undefined) {
      stages.push({ from: from[1], name: from[2], instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (keyword === 'FROM' || stage === undefined) {
      throw new Error(`This line of the Dockerfile is not understood: ${line}`);
    }
    stage.instructions.push({ keyword, rest });
  }
  return stages;
}

export function instructionsOf(stage: Stage, keyword: string): string[] {
  return stage.instructions.filter((item) => item.keyword === keyword).map(({ rest }) => rest);
}

export function copiesOf(stage: Stage): Copy[] {
  return instructionsOf(stage, 'COPY').map((rest) => {
    const words = rest.split(/\s+/);
    const option = words[0]?.startsWith('--from=') ? words.shift() : undefined;
    const to = words.pop() ?? '';
    return { from: option?.slice('--from='.length) ?? null, sources: words, to };
  });
}

/** The variables that a stage sets. Values hold no spaces. */
export function environmentOf(stage: Stage): Record<string, string> {
  const pairs = instructionsOf(stage, 'ENV').flatMap((rest) => rest.split(/\s+/));
  return Object.fromEntries(pairs.map((pair) => [pair.replace(/=.*/, ''), pair.replace(/^[^=]*=/, '')]));
}
