import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { NotHere } from '../servers.ts';

/** Where a server's program is: on the PATH, or in REKEY_INTEROP_DIR. Throws `NotHere` with how to get it. */
export function binary(name: string, howToGet: string): string {
  const own = process.env.REKEY_INTEROP_DIR ?? path.join(os.homedir(), '.cache', 'rekey-interop');
  for (const folder of [...(process.env.PATH ?? '').split(path.delimiter), own]) {
    const file = path.join(folder, name);
    if (folder !== '' && isProgram(file)) return file;
  }
  throw new NotHere(`there is no ${name} on the PATH or in ${own}: ${howToGet}`);
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

/** Asks until it is answered with true, for at most a minute. */
export async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    if (await ask().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${what} did not happen within a minute`);
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
