import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

/*
 * A unix socket in a folder says that a process lives which has to do with it, and tells whoever asks one line. What a dead process
 * left behind refuses everybody, so nothing has to be cleaned up for it to be true.
 */

const ANSWER_MS = 1000;
const PREFIX = 'used-by-';
/** Nobody is there, or let go in this moment. */
const gone = ['ECONNREFUSED', 'ENOENT', 'ENOTSOCK', 'ECONNRESET', 'EPIPE'];

/** The shorter spelling of a path: those of sockets are limited. */
export function shortestPath(full: string): string {
  const relative = path.relative(process.cwd(), full);
  return relative.length < full.length ? relative : full;
}

/** What the holder of a socket answers; empty when it has nothing to say yet or is suspended, null when it is dead. */
export function askSocket(socketPath: string): Promise<string | null> {
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
      gone.includes(error.code ?? '') ? resolve(null) : reject(error);
    });
    socket.on('close', () => clearTimeout(timer));
  });
}

/** A server that tells everybody what `say` answers then. It keeps no process alive. */
export function tellingServer(say: () => string): net.Server {
  const server = net.createServer((socket) => {
    // Whoever asked may be gone by now.
    socket.on('error', () => {});
    socket.end(say());
  });
  server.unref();
  return server;
}

/** Opens a server at a path; fails where something is there already. */
export function listenAt(server: net.Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
}

/** Says that this process uses a folder, for as long as it lives. */
export async function markInUse(folder: string, as: string): Promise<void> {
  const name = `${PREFIX}${process.pid}-${randomBytes(3).toString('hex')}`;
  await listenAt(
    tellingServer(() => as),
    shortestPath(path.join(folder, name)),
  );
}

/** What the processes that use a folder are known as. Takes away what dead ones left. */
export async function usersOf(folder: string): Promise<string[]> {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  const users: string[] = [];
  for (const name of names.filter((one) => one.startsWith(PREFIX))) {
    const file = path.join(folder, name);
    const said = await askSocket(shortestPath(file));
    if (said === null) {
      fs.rmSync(file, { force: true });
    } else {
      users.push(said);
    }
  }
  return users;
}
