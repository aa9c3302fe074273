import { constants, fstatSync, lstatSync, readFileSync, renameSync, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectorError } from '#connectors/contract.ts';
import { explained, fileErrorCode } from '#connectors/file-errors.ts';

/** Where files may be written in this installation. Given with every call. */
export interface FileBounds {
  readonly fileRoots: readonly string[];
  readonly dataDir: string;
}

const MAX_BYTES = 1_048_576;
const ABANDONED_AFTER_MS = 60_000;
const WAITS = 20;
const WAIT_MS = 50;

/**
 * The real place of a file: its folder after links are followed. Throws `ConnectorError` never unless that
 * folder lies under one of the roots and outside Rekey's data folder.
 */
export async function locate(bounds: FileBounds, file: string): Promise<string> {
  const folder = await explained(file, () => realpath(path.dirname(file)));
  const roots = await realPaths(bounds.fileRoots);
  if (!roots.some((root) => contains(root, folder))) {
    const allowed = bounds.fileRoots.length === 0 ? 'none' : bounds.fileRoots.join(', ');
    throw notAllowed(
      `${file} lies outside the folders of REKEY_FILE_ROOTS. Allowed now: ${allowed}. An admin can add its folder there.`,
    );
  }
  const [dataDir] = await realPaths([bounds.dataDir]);
  if (dataDir !== undefined && contains(dataDir, folder)) {
    throw notAllowed(
      `${file} lies in Rekey's own data folder, which no target may write to. Choose another path.`,
    );
  }
  return path.join(folder, path.basename(file));
}

/** The text of a located file; undefined where there is none yet. Links and anything but plain files are refused. */
export async function readText(file: string): Promise<string | undefined> {
  const found = await explained(file, () => look(file));
  return found && textOf(file, found.bytes);
}

/**
 * Replaces a located file at once and for good: readers see the old text or the new, and after a power cut
 * one of the two is there. Mode and owner stay; a new file has mode 0600. A temporary file beside it is the
 * lock, so two Rekey processes never write the same file at the same time; a change by anybody else since the
 * reading is noticed, and the call is to be tried again. The same text again writes nothing, and neither does a
 * change that answers undefined.
 */
export async function replaceText(
  file: string,
  change: (before: string | undefined) => string | undefined,
): Promise<void> {
  await withLock(file, async (lock) => {
    const before = await look(file);
    const text = change(before && textOf(file, before.bytes));
    if (text === undefined || (before && Buffer.from(text).equals(before.bytes))) return;
    await keepOwnerAndMode(lock.handle, before?.stats, file);
    await lock.handle.writeFile(text);
    await lock.handle.sync();
    commit(lock, file, before?.bytes);
    await flushFolder(path.dirname(file));
  });
}

/** Does everything `replaceText` does except writing, so that what would fail then fails now. Leaves no trace. */
export async function rehearse(file: string): Promise<void> {
  await withLock(file, async (lock) => {
    const before = await look(file);
    await keepOwnerAndMode(lock.handle, before?.stats, file);
  });
}

interface Lock {
  readonly temporary: string;
  readonly handle: FileHandle;
}

async function withLock(file: string, act: (lock: Lock) => Promise<void>): Promise<void> {
  await explained(file, async () => {
    const lock = await takeLock(file);
    try {
      await act(lock);
    } finally {
      if (isOurs(lock)) await rm(lock.temporary, { force: true });
      await lock.handle.close();
    }
  });
}

async function takeLock(file: string): Promise<Lock> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.rekey`);
  for (let attempt = 0; attempt < WAITS; attempt += 1) {
    try {
      return { temporary, handle: await open(temporary, 'wx', 0o600) };
    } catch (error) {
      if (fileErrorCode(error) !== 'EEXIST') throw error;
    }
    await removeAbandoned(temporary);
    await sleep(WAIT_MS);
  }
  throw new ConnectorError(`Another delivery is writing ${file} now. It will be tried again.`, 'later');
}

/** A process that was killed leaves its temporary file behind; it holds a secret, and would lock for ever. */
async function removeAbandoned(temporary: string): Promise<void> {
  const stats = await lstat(temporary).catch(() => undefined);
  if (stats && Date.now() - stats.mtimeMs > ABANDONED_AFTER_MS) await rm(temporary, { force: true });
}

function isOurs(lock: Lock): boolean {
  const there = lstatSync(lock.temporary, { throwIfNoEntry: false });
  return there !== undefined && there.ino === fstatSync(lock.handle.fd).ino;
}

/** Compares and renames without a pause between, so that nothing else in this process comes in between. */
function commit(lock: Lock, file: string, before: Buffer | undefined): void {
  const now = lstatSync(file, { throwIfNoEntry: false }) && readFileSync(file);
  const unchanged = before === undefined ? now === undefined : now?.equals(before);
  if (!unchanged || !isOurs(lock)) {
    throw new ConnectorError(
      `${file} was changed by somebody else just now. Nothing was written; it will be tried again.`,
      'later',
    );
  }
  renameSync(lock.temporary, file);
}

async function look(file: string): Promise<{ stats: Stats; bytes: Buffer } | undefined> {
  const stats = await lstat(file).catch((error: unknown) => {
    if (fileErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (stats === undefined) return undefined;
  if (stats.isSymbolicLink()) {
    throw new ConnectorError(`${file} is a link. Enter the path of the file it points to.`, 'never');
  }
  if (!stats.isFile()) throw new ConnectorError(`${file} is not a plain file. Choose another path.`, 'never');
  if (stats.nlink > 1) {
    const sentence = `${file} has a second name (a hard link) that would keep the old secret. Remove one of the two names.`;
    throw new ConnectorError(sentence, 'never');
  }
  if (stats.size > MAX_BYTES)
    throw new ConnectorError(`${file} is larger than 1 MiB. Choose another file.`, 'never');
  return { stats, bytes: await readWhole(file) };
}

async function readWhole(file: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function textOf(file: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ConnectorError(`${file} is not UTF-8 text. Correct the file; nothing was written.`, 'never', {
      cause,
    });
  }
}

/** Gives the still empty temporary file the owner and mode of the file it replaces, or refuses. */
export async function keepOwnerAndMode(
  handle: Pick<FileHandle, 'stat' | 'chown' | 'chmod'>,
  stats: Pick<Stats, 'uid' | 'gid' | 'mode'> | undefined,
  file: string,
): Promise<void> {
  if (stats === undefined) return;
  const ours = await handle.stat();
  if (ours.uid !== stats.uid || ours.gid !== stats.gid) {
    await handle.chown(stats.uid, stats.gid).catch((cause: unknown) => {
      const sentence = `${file} belongs to user ${stats.uid} and group ${stats.gid}, and Rekey may not write it under that owner. Nothing was written; give it to the user Rekey runs as.`;
      throw new ConnectorError(sentence, 'never', { because: 'permission', cause });
    });
  }
  await handle.chmod(stats.mode & 0o7777);
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function realPaths(folders: readonly string[]): Promise<string[]> {
  const found = await Promise.all(folders.map((folder) => realpath(folder).catch(() => undefined)));
  return found.filter((folder) => folder !== undefined);
}

function contains(parent: string, child: string): boolean {
  const relative = path.relative(parent, child);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

function notAllowed(sentence: string): ConnectorError {
  return new ConnectorError(sentence, 'never', { because: 'permission' });
}
