import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findProgram, interopFolder } from '#tests/interop/servers/binaries.ts';
import { inDocker } from '#tests/interop/servers/docker.ts';
import { type SqlServer, sqlServerInDocker, startSqlServer } from '#tests/interop/servers/sql-server.ts';
import { NotHere } from '#tests/interop/servers.ts';

const HOW =
  'apt-get install mysql-server-core where the distribution has it, or unpack it and the packages it depends on, of a Debian that has it (sid), with dpkg -x into that folder.';

/** A MySQL server from a package of this machine, or one that was unpacked with its libraries. */
export async function startMysql(): Promise<SqlServer> {
  if (inDocker()) return sqlServerInDocker('MySQL', 'mysql');
  const { command, options } = installed();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-mysql-'));
  const common = [
    ...options,
    `--datadir=${path.join(folder, 'data')}`,
    `--user=${os.userInfo().username}`,
    // Else it looks for a folder of the package, which need not be there.
    '--secure-file-priv=NULL',
  ];
  const [program, ...before] = command;
  execFileSync(program, [...before, '--no-defaults', '--initialize-insecure', ...common], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return startSqlServer('MySQL', folder, [program, ...before, '--no-defaults', ...common, '--mysqlx=OFF']);
}

interface Installed {
  readonly command: readonly [string, ...string[]];
  readonly options: readonly string[];
}

function installed(): Installed {
  const home = path.join(interopFolder(), 'mysql');
  const program = findProgram('mysqld', 'mysql', HOW);
  const found = program.startsWith(`${home}${path.sep}`) ? unpacked(home, program) : plain(program);
  const [first, ...rest] = found.command;
  // MariaDB's package has a program of this name too.
  const said = execFileSync(first, [...rest, '--version'], { encoding: 'utf8' });
  if (said.includes('MariaDB')) throw new NotHere(`the mysqld here is MariaDB's: ${HOW}`);
  return found;
}

const plain = (program: string): Installed => ({ command: [program], options: [] });

/** Packages of another release bring a C library that is newer than this machine's, so their own loader starts it. */
function unpacked(home: string, program: string): Installed {
  const libraries = path.join(home, 'usr/lib/x86_64-linux-gnu');
  const loader = path.join(libraries, 'ld-linux-x86-64.so.2');
  return {
    command: fs.existsSync(loader) ? [loader, '--library-path', libraries, program] : [program],
    options: [
      `--basedir=${path.join(home, 'usr')}`,
      `--lc-messages-dir=${path.join(home, 'usr/share/mysql')}`,
    ],
  };
}
