import fs from 'node:fs';
import { type Command, textOf, textsOf } from '#cli/command.ts';
import { table } from '#cli/table.ts';
import { system } from '#core/access/actor.ts';
import { importMapped } from '#core/credentials/import-mapped.ts';
import { type ImportPlan, planImport } from '#core/credentials/plan-import.ts';
import { Problem } from '#lib/problem.ts';

const STDIN = '-';

/** A text from a file or standard input. An error names the file and quotes nothing. */
function readText(file: string): string {
  try {
    return fs.readFileSync(file === STDIN ? 0 : file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new Problem(400, 'unreadable', `${file} cannot be read (${code}). Nothing was changed.`);
  }
}

function formatOf(file: string, given: string | undefined): 'dotenv' | 'json' {
  const format = given ?? (file.endsWith('.json') ? 'json' : 'dotenv');
  if (format === 'dotenv' || format === 'json') {
    return format;
  }
  throw new Problem(400, 'usage', `--format is dotenv or json, not ${format}. Nothing was changed.`);
}

/** A mapping is a file, or itself where it reads as one. */
function mappingOf(given: string): { source: string; text: string } {
  return /^[^\s=]+\s*=\s/.test(given)
    ? { source: '--map', text: given }
    : { source: given, text: readText(given) };
}

const states = { new: 'will be imported', here: 'is here already', wrong: 'cannot be imported' };

function planLines({ items, unmapped }: ImportPlan, file: string): string[] {
  const blocks = items.flatMap((item) => [
    `${item.name} (${item.environment}, at ${item.issuer}): ${states[item.state]}${item.why === null ? '' : `. ${item.why}`}`,
    ...table([
      ...item.place.map(([name, value]) => [`place.${name}`, String(value), '']),
      ...item.values.map(({ name, key, length, fingerprint }) => [
        name,
        key,
        `${length} characters, fingerprint ${fingerprint}`,
      ]),
      ...(item.make ? [['its first value', 'made by Rekey', '']] : []),
    ]).map((line) => `  ${line}`),
    '',
  ]);
  const rest =
    unmapped.length === 0
      ? 'Every key is mapped.'
      : `Nothing maps these keys of ${file}: ${unmapped.join(', ')}.`;
  return [...blocks, rest];
}

const outcomes = { imported: 'imported', here: 'skipped', failed: 'FAILED' };

/**
 * Moves credentials in from a file: prints what it would do, and does it with `--yes`. No value is printed, ever. The
 * exit code is 1 where something cannot be imported.
 */
async function importFile(
  file: string,
  { map, format: wanted, yes }: { map: readonly string[]; format: string | undefined; yes: boolean },
): Promise<void> {
  const called = file === STDIN ? 'standard input' : file;
  const format = formatOf(file, wanted);
  const wish = { file: called, format, values: readText(file), mappings: map.map(mappingOf) };
  const actor = system('command line');
  const plan = await planImport(actor, wish);
  console.log(planLines(plan, called).join('\n'));
  if (!yes) {
    console.log(
      '\nNothing was changed. Add --yes to do this: each secret is signed in with, then sealed; a first value is made.',
    );
    process.exitCode = plan.items.some(({ state }) => state === 'wrong') ? 1 : 0;
    return;
  }
  const results = await importMapped(actor, wish);
  console.log('');
  console.log(
    table(results.map(({ name, outcome, message }) => [outcomes[outcome], name, message])).join('\n'),
  );
  const count = (outcome: string) => results.filter((result) => result.outcome === outcome).length;
  console.log(
    `\n${count('imported')} imported, ${count('here')} here already, ${count('failed')} failed. Nothing rotated.`,
  );
  process.exitCode = count('failed') > 0 ? 1 : 0;
}

/** Moves credentials in from a file, or says what it would do. */
export const run: Command['run'] = async ([file], values) => {
  const map = textsOf(values, 'map');
  if (file === undefined || map.length === 0) {
    const takes = 'It takes a FILE, or - for standard input, and --map. See docs/moving-in.md.';
    throw new Problem(400, 'usage', takes);
  }
  await importFile(file, { map, format: textOf(values, 'format'), yes: values.yes === true });
};
