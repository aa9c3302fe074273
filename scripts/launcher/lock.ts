import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import type { Server } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askSocket, listenAt, shortestPath, tellingServer } from '#lib/told-sockets.ts';

// The shortest limit of the systems we run on (macOS: 104 bytes with the final zero), less a takeover's suffix.
const LONGEST_PATH = 96;
const SETTLE_MS = 200;

/** Somebody else holds the lock. */
export class FolderLocked extends Error {}

function alreadyRunning(address: string): FolderLocked {
  const where = address === '' ? ', still starting' : `: ${address}`;
  return new FolderLocked(
    `Rekey is already running in this folder${where}. Stop that one first, or set REKEY_DATA_DIR to another folder.`,
  );
}

const inodeOf = (file: string) => fs.statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;

/**
 * Puts our socket in the place of a dead one. Others may have found the same dead socket: each replaces it once, and
 * whose socket is there after all have done so holds the lock.
 */
async function takeOver(server: Server, socketPath: string): Promise<void> {
  const found = inodeOf(socketPath);
  const other = await askSocket(socketPath);
  if (other !== null) {
    throw alreadyRunning(other);
  }
  const ours = `${socketPath}.${randomBytes(3).toString('hex')}`;
  await listenAt(server, ours);
  const inode = inodeOf(ours);
  if (inodeOf(socketPath) === found) {
    fs.renameSync(ours, socketPath);
  }
  await sleep(SETTLE_MS);
  if (inodeOf(socketPath) !== inode) {
    server.close();
    throw alreadyRunning((await askSocket(socketPath)) ?? '');
  }
}

export interface FolderLock {
  /** Says our address to whoever finds the folder locked. */
  tell(address: string): void;
  /** Lets others have it before this process ends. */
  release(): void;
}

/**
 * Holds a folder for this process, for as long as it lives or until it lets go. The lock is a unix socket, so the lock of a
 * dead process is stale by nature. Throws `FolderLocked` when another Rekey holds it.
 */
export async function lockFolder(directory: string): Promise<FolderLock> {
  fs.mkdirSync(directory, { recursive: true });
  const full = path.join(directory, 'lock');
  const socketPath = shortestPath(full);
  if (Buffer.byteLength(socketPath) > LONGEST_PATH) {
    throw new Error(
      `The path ${full} is too long for a socket. Set REKEY_DATA_DIR to a folder with a shorter path and start again.`,
    );
  }
  let address = '';
  const server = tellingServer(() => address);
  try {
    await listenAt(server, socketPath);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) {
      throw error;
    }
    await takeOver(server, socketPath);
  }
  return {
    tell: (value) => {
      address = value;
    },
    release: () => {
      server.close();
    },
  };
}
