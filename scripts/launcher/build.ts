import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { usersOf } from '#lib/told-sockets.ts';
import { compressScripts } from '#scripts/launcher/compress.ts';
import { FolderLocked, lockFolder } from '#scripts/launcher/lock.ts';

const root = path.resolve(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
const sources = [
  'app',
  'core',
  'connectors',
  'lib',
  'prisma/schema.prisma',
  'package-lock.json',
  'next.config.ts',
  'postcss.config.mjs',
  'tsconfig.json',
];

function* filesOf(place: string): Generator<string> {
  const stat = fs.statSync(place);
  if (!stat.isDirectory()) {
    yield place;
    return;
  }
  for (const name of fs.readdirSync(place).sort()) {
    yield* filesOf(path.join(place, name));
  }
}

function hashOf(places: readonly string[]): string {
  const hash = createHash('sha256');
  for (const place of places) {
    for (const file of filesOf(path.join(root, place))) {
      hash.update(path.relative(root, file)).update('\0').update(fs.readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex');
}

function isStamped(file: string, hash: string): boolean {
  return fs.existsSync(file) && fs.readFileSync(file, 'utf8') === hash;
}

/** Runs a Node program of a package, keeping its output for the error. */
function runNode(script: string, args: readonly string[], env: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const keep = (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('exit', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`"${path.basename(script)} ${args.join(' ')}" failed:\n${said}`)),
    );
  });
}

const quiet = {
  NEXT_TELEMETRY_DISABLED: '1',
  CHECKPOINT_DISABLE: '1',
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  DO_NOT_TRACK: '1',
};

const built = path.join(root, '.next');

/** One at a time in this checkout: whoever comes second waits, and then finds what the first one made. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    const lock = await lockFolder(path.join(built, 'cache')).catch((error: unknown) => {
      if (error instanceof FolderLocked) {
        return null;
      }
      throw error;
    });
    if (lock !== null) {
      return work().finally(() => lock.release());
    }
    await sleep(500);
  }
}

/** Draws the database client from prisma/schema.prisma, when it changed. */
export function generateClient(): Promise<void> {
  return alone(drawClient);
}

async function drawClient(): Promise<void> {
  const stamp = path.join(root, 'prisma/generated/.stamp');
  const hash = hashOf(['prisma/schema.prisma', 'package-lock.json']);
  if (isStamped(stamp, hash)) {
    return;
  }
  // `generate` only checks that an engine file exists; it never runs it, and ours cannot be downloaded here.
  const cli = path.join(path.dirname(require.resolve('prisma/package.json')), 'build/index.js');
  await runNode(cli, ['generate'], { ...quiet, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath });
  fs.writeFileSync(stamp, hash);
}

/** A console reads its build as pages are asked for, so the build is not replaced under one that runs. */
export async function refuseWhileInUse(folder: string): Promise<void> {
  const users = await usersOf(folder);
  if (users.length > 0) {
    throw new Error(
      `The sources have changed since the console was built, and ${users.join(' and ')} runs from that build: its pages would break. Nothing was built. Stop it first, then build or start again.`,
    );
  }
}

/**
 * Builds the console for production, when it is missing or older than the sources. Answers whether it built. Throws, before
 * anything is changed, while a console runs from the build that would be replaced.
 */
export function buildConsole(): Promise<boolean> {
  return alone(build);
}

async function build(): Promise<boolean> {
  await drawClient();
  const stamp = path.join(built, 'rekey-build');
  const hash = hashOf(sources);
  if (isStamped(stamp, hash)) {
    return false;
  }
  await refuseWhileInUse(built);
  fs.rmSync(stamp, { force: true });
  await runNode(require.resolve('next/dist/bin/next'), ['build'], { ...quiet, NODE_ENV: 'production' });
  await compressScripts(path.join(built, 'static'));
  fs.writeFileSync(stamp, hash);
  return true;
}
