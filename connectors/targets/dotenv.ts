import path from 'node:path';
import { z } from 'zod';
import { type Call, ConnectorError, type Entries, type TargetConnector } from '#connectors/contract.ts';
import { locate, readText, rehearse, replaceText } from '#connectors/guarded-file.ts';
import { readEntries, withEntries } from '#connectors/targets/dotenv-file.ts';
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
 * the file is replaced in one step and keeps its mode and owner.
 */
export const dotenv: TargetConnector<typeof config, typeof place> = {
  kind: 'dotenv',
  title: 'Env file (.env)',
  docs: 'https://nodejs.org/docs/latest-v20.x/api/util.html#utilparseenvcontent',
  config,
  place,
  can: () => ({
    readBack: 'value',
    redeploy: 'none',
    compareAndSet: false,
    holdsNext: false,
    typicalSeconds: 1,
  }),
  check,
  deliver,
  confirm,
};

async function check(call: DotenvCall): Promise<void> {
  const file = await locate(call, call.place.path);
  readEntries((await readText(file)) ?? '', call.place.path);
  await rehearse(file);
}

async function deliver(call: DotenvCall, entries: Entries, slot: 'primary' | 'next'): Promise<void> {
  if (slot === 'next')
    throw new ConnectorError('An env file holds no next secret beside the current one.', 'never');
  const file = await locate(call, call.place.path);
  const values = new Map(Object.entries(entries).map(([key, value]) => [key, value.expose()]));
  await replaceText(file, (before) => withEntries(before ?? '', values, call.place.path));
}

async function confirm(call: DotenvCall, entries: Entries): Promise<'live' | 'pending'> {
  const file = await locate(call, call.place.path);
  const present = readEntries((await readText(file)) ?? '', call.place.path);
  const live = Object.entries(entries).every(([key, value]) => {
    const there = present.get(key);
    return there !== undefined && value.equals(new Plaintext(there));
  });
  return live ? 'live' : 'pending';
}

function isFilePath(text: string): boolean {
  return (
    path.isAbsolute(text) && path.normalize(text) === text && !text.endsWith('/') && !text.includes('\0')
  );
}
