import fs from 'node:fs';
import path from 'node:path';
import { buildConsole } from '#scripts/launcher/build.ts';
import { bundleCli } from '#scripts/launcher/bundle-cli.ts';
import { copiesOf, parseDockerfile } from '#tests/support/dockerfile.ts';

const linked = (from: string, to: string) => {
  try {
    fs.linkSync(from, to);
  } catch {
    // Another file system.
    fs.copyFileSync(from, to);
  }
};

/** Copies a folder; its files become second names of the same ones where the file system allows it. */
function copyTree(from: string, to: string, leaveOut: (place: string) => boolean): void {
  fs.mkdirSync(to, { recursive: true });
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (leaveOut(source)) continue;
    if (entry.isDirectory()) copyTree(source, target, leaveOut);
    else if (entry.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(source), target);
    else linked(source, target);
  }
}

/** The packages that `npm ci --omit=dev` installs: those the lock file does not mark as for development only. */
function copyPackages(to: string): number {
  const lock = JSON.parse(fs.readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  const kept = Object.entries(lock.packages)
    .filter(([place, { dev }]) => place !== '' && dev !== true && fs.existsSync(place))
    .map(([place]) => place);
  for (const place of kept) {
    copyTree(place, path.join(to, place), (inner) => path.basename(inner) === 'node_modules');
  }
  return kept.length;
}

/**
 * Lays out what the last stage of the Dockerfile copies, in a folder of its own and from this machine's build.
 * Answers how many packages there are.
 */
export async function layOutImage(to: string): Promise<number> {
  await buildConsole();
  await bundleCli();
  const runtime = parseDockerfile(fs.readFileSync('Dockerfile', 'utf8')).at(-1);
  const sources = runtime === undefined ? [] : copiesOf(runtime).flatMap((copy) => copy.sources);
  let packages = 0;
  for (const source of sources.map((place) => place.replace(/^\/app\//, ''))) {
    if (source === 'node_modules') packages = copyPackages(to);
    else if (fs.statSync(source).isFile()) fs.copyFileSync(source, path.join(to, source));
    else copyTree(source, path.join(to, source), (place) => ['.next/cache', '.next/dev'].includes(place));
  }
  return packages;
}
