import path from 'node:path';
import { z } from 'zod';
import {
  type Call,
  ConnectorError,
  type Entries,
  type Slot,
  type TargetConnector,
} from '#connectors/contract.ts';
import { locate, readText, rehearse, replaceText } from '#connectors/guarded-file.ts';
import { keysIn } from '#connectors/next-keys.ts';
import { readEntries, withEntries, withoutEntries } from '#connectors/targets/dotenv-file.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({});

const place = z.object({
  path: z
    .string()
    .max(4_000)
    .refine(isFilePath, 'must be the absolute path of a file, without . or .. in it')
    .meta({
      title: 'Path',
      description: 'The env file on the machine Rekey runs on. It is made if it is missing.',
    }),
});

type DotenvCall = Call<z.output<typeof config>, z.output<typeof place>>;

/**
 * An env file on this machine, read again by its consumers when they need it. Only the given keys change;
 * the file is replaced in one step and keeps its mode and owner. The slot `next` of `KEY` is `KEY_NEXT` in the same file.
 */
export const dotenv: TargetConnector<typeof config, typeof place> = {
  kind: 'dotenv',
  title: 'Env file (.env)',
  aliases: ['environment variables', 'env vars', 'Docker Compose'],
  docs: 'https://nodejs.org/docs/latest-v20.x/api/util.html#utilparseenvcontent',
  needs: 'The worker may write in the folder of the file, and the folder is under REKEY_FILE_ROOTS.',
  proven: { against: 'real server', what: 'files on Linux', on: '2026-11-25' },
  config,
  place,
  can: () => ({
    readBack: 'value',
    redeploy: 'none',
    compareAndSet: false,
    holdsNext: true,
    typicalSeconds: 1,
  }),
  check,
  deliver,
  confirm,
  remove,
  isEmpty,
};

async function check(call: DotenvCall): Promise<void> {
  try {
    const file = await locate(call, call.place.path);
    readEntries((await readText(file)) ?? '', call.place.path);
    await rehearse(file);
  } catch (error) {
    throw error instanceof ConnectorError && error.retry === 'never' ? atPath(error) : error;
  }
}

/** Whatever is wrong with a file for good is wrong with its path. */
function atPath({ message, retry, because }: ConnectorError): ConnectorError {
  return new ConnectorError(message, retry, { field: 'path', ...(because && { because }) });
}

async function deliver(call: DotenvCall, entries: Entries, slot: Slot): Promise<void> {
  const values = new Map<string, string>();
  const keyOf = keysIn(slot, Object.keys(entries));
  for (const [key, value] of Object.entries(entries)) values.set(keyOf(key), value.expose());
  const file = await locate(call, call.place.path);
  await replaceText(file, (before) => withEntries(before ?? '', values, call.place.path));
}

async function confirm(call: DotenvCall, entries: Entries, slot: Slot): Promise<'live' | 'pending'> {
  const keyOf = keysIn(slot, Object.keys(entries));
  const file = await locate(call, call.place.path);
  const present = readEntries((await readText(file)) ?? '', call.place.path);
  const live = Object.entries(entries).every(([key, value]) => {
    const there = present.get(keyOf(key));
    return there !== undefined && value.equals(new Plaintext(there));
  });
  return live ? 'live' : 'pending';
}

async function remove(call: DotenvCall, keys: readonly string[], slot: 'next'): Promise<void> {
  const gone = new Set(keys.map(keysIn(slot, keys)));
  const file = await locate(call, call.place.path);
  await replaceText(file, (before) => before && withoutEntries(before, gone, call.place.path));
}

async function isEmpty(call: DotenvCall, keys: readonly string[]): Promise<boolean> {
  const file = await locate(call, call.place.path);
  const present = readEntries((await readText(file)) ?? '', call.place.path);
  return !keys.map(keysIn('next', keys)).some((key) => present.has(key));
}

function isFilePath(text: string): boolean {
  return (
    path.isAbsolute(text) && path.normalize(text) === text && !text.endsWith('/') && !text.includes('\0')
  );
}
