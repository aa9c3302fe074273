import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// The shortest limit of the systems we run on (macOS: 104 bytes with the final zero), less a takeover's suffix.
const LONGEST_PATH = 96;
const ANSWER_MS = 1000;
const SETTLE_MS = 200;

/** What the holder of a lock answers; empty when it has no address yet or is suspended, null when it is dead. */
function ask(socketPath: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(socketPath);
    let answer = '';
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(answer);
    }, ANSWER_MS);
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const dead = error.code === 'ECONNREFUSED' || error.code === 'ENOENT' || error.code === 'ENOTSOCK';
      dead ? resolve(null) : reject(error);
    });
    socket.on('close', () => clearTimeout(timer));
  });
}

function listen(server: net.Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
}

function alreadyRunning(address: string): Error {
  const where = address === '' ? ', still starting' : `: ${address}`;
  return new Error(
    `Rekey is already running in this folder${where}. Stop that one first, or set REKEY_DATA_DIR to another folder.`,
  );
}

const inodeOf = (file: string) => fs.statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;

/**
 * Puts our socket in the place of a dead one. Others may have found the same dead socket: each replaces it once, and
 * whose socket is there after all have done so holds the lock.
 */
async function takeOver(server: net.Server, socketPath: string): Promise<void> {
  const found = inodeOf(socketPath);
  const other = await ask(socketPath);
  if (other !== null) {
    throw alreadyRunning(other);
  }
  const ours = `${socketPath}.${randomBytes(3).toString('hex')}`;
  await listen(server, ours);
  const inode = inodeOf(ours);
  if (inodeOf(socketPath) === found) {
    fs.renameSync(ours, socketPath);
  }
  await sleep(SETTLE_MS);
  if (inodeOf(socketPath) !== inode) {
    server.close();
    throw alreadyRunning((await ask(socketPath)) ?? '');
  }
}

/**
 * Holds a data folder for this process, for as long as it lives. The lock is a unix socket, so the lock of a dead
 * process is stale by nature. Answers a function that tells others our address; throws when another Rekey runs here.
 */
export async function lockFolder(directory: string): Promise<(address: string) => void> {
  fs.mkdirSync(directory, { recursive: true });
  // Socket paths are limited, so the shorter spelling is used.
  const full = path.join(directory, 'lock');
  const short = path.relative(process.cwd(), full);
  const socketPath = short.length < full.length ? short : full;
  if (Buffer.byteLength(socketPath) > LONGEST_PATH) {
    throw new Error(
      `The path ${full} is too long for a socket. Set REKEY_DATA_DIR to a folder with a shorter path and start again.`,
    );
  }
  let address = '';
  const server = net.createServer((socket) => {
    // Whoever asked may be gone by now.
    socket.on('error', () => {});
    socket.end(address);
  });
  try {
    await listen(server, socketPath);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) {
      throw error;
    }
    await takeOver(server, socketPath);
  }
  server.unref();
  return (value) => {
    address = value;
  };
}
