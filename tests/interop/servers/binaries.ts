import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { NotHere } from '../servers.ts';

/** The folder for servers that no package of this machine has. */
export function interopFolder(): string {
  return process.env.REKEY_INTEROP_DIR ?? path.join(os.homedir(), '.cache', 'rekey-interop');
}

/**
 * A program of a folder in the interop folder (without a name, of that folder itself), of the PATH, or of the folders for
 * administrators. Throws `NotHere` with how to get it.
 */
export function findProgram(name: string, packaged: string, howToGet: string): string {
  const home = path.join(interopFolder(), packaged);
  const own = ['', 'bin', 'usr/bin', 'usr/sbin'].map((folder) => path.join(home, folder));
  const folders = [
    ...own,
    ...(process.env.PATH ?? '').split(path.delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
  ].filter((folder) => path.isAbsolute(folder));
  const found = folders.map((folder) => path.join(folder, name)).find(isProgram);
  if (found !== undefined) return found;
  throw new NotHere(`there is no ${name} here or in ${home}: ${howToGet}`);
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** A port of 127.0.0.1 that was free just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Asks until it is answered, for at most two minutes and as long as the server runs. */
export async function until(
  what: string,
  ask: () => Promise<unknown>,
  child: ChildProcess | null = null,
): Promise<void> {
  const end = Date.now() + 120_000;
  while (Date.now() < end) {
    if (await ask().catch(() => false)) return;
    if (child !== null && child.exitCode !== null)
      throw new Error(`${what} did not happen: it ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what} did not happen within two minutes`);
}

/** The shell waits beside the program and ends it when its own input ends, which it does with whoever holds it. */
const GUARD = '"$@" </dev/null & read -r _; kill -9 "$!"; wait';

/** Starts a server that ends with this process, however that ends: a run that is filtered or killed calls no hooks. */
export function started(program: string, options: readonly string[], folder: string): ChildProcess {
  return spawn('/bin/sh', ['-c', GUARD, 'sh', program, ...options], {
    cwd: folder,
    env: { ...process.env, HOME: folder },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

/** Ends a server at once and waits until it is gone. */
export async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = once(child, 'exit');
  child.stdin?.end();
  await end;
}

/** Asks a server to end and waits until it is gone. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = once(child, 'exit');
  child.kill('SIGTERM');
  await end;
}
