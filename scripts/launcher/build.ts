import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { compressScripts } from '#scripts/launcher/compress.ts';

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

/** Draws the database client from prisma/schema.prisma, when it changed. */
export async function generateClient(): Promise<void> {
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

/** Builds the console for production, when it is missing or older than the sources. Answers whether it built. */
export async function buildConsole(): Promise<boolean> {
  await generateClient();
  const stamp = path.join(root, '.next/rekey-build');
  const hash = hashOf(sources);
  if (isStamped(stamp, hash)) {
    return false;
  }
  fs.rmSync(stamp, { force: true });
  await runNode(require.resolve('next/dist/bin/next'), ['build'], { ...quiet, NODE_ENV: 'production' });
  await compressScripts(path.join(root, '.next/static'));
  fs.writeFileSync(stamp, hash);
  return true;
}
