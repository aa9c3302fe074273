import { ConnectorError } from '#connectors/contract.ts';
import { readEntries } from '#connectors/targets/dotenv-file.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';

type Values = ReadonlyMap<string, Plaintext>;

/**
 * The values of a file that somebody kept secrets in: an env file, read as the target `dotenv` reads it, or JSON, whose
 * nested values have their path as key (`database.password`). `file` is what errors call it; they quote none of it.
 */
export function readValues(text: Plaintext, format: 'dotenv' | 'json', file: string): Values {
  return format === 'json' ? readJson(text, file) : readEnvFile(text, file);
}

function readEnvFile(text: Plaintext, file: string): Values {
  try {
    const entries = readEntries(text.expose(), file);
    return new Map([...entries].map(([key, value]) => [key, new Plaintext(value)]));
  } catch (error) {
    if (error instanceof ConnectorError) {
      throw new Problem(400, 'bad_file', error.message);
    }
    throw error;
  }
}

function readJson(text: Plaintext, file: string): Values {
  const parsed = parse(text, file);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new Problem(400, 'bad_file', `${file} is no JSON object of keys and values. Nothing was changed.`);
  }
  return new Map(flat(parsed, ''));
}

function parse(text: Plaintext, file: string): unknown {
  try {
    return JSON.parse(text.expose());
  } catch {
    // The cause may quote the file, which holds secrets, so it is not passed on.
    throw new Problem(400, 'bad_file', `${file} is not JSON. Correct it; nothing was changed.`);
  }
}

function flat(values: object, path: string): [string, Plaintext][] {
  return Object.entries(values).flatMap(([name, value]: [string, unknown]) => {
    const key = `${path}${name}`;
    if (typeof value === 'object' && value !== null) {
      return flat(value, `${key}.`);
    }
    return value === null ? [] : [[key, new Plaintext(String(value))] satisfies [string, Plaintext]];
  });
}
