import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findProgram } from '#tests/interop/servers/binaries.ts';
import { inDocker } from '#tests/interop/servers/docker.ts';
import { type SqlServer, sqlServerInDocker, startSqlServer } from '#tests/interop/servers/sql-server.ts';

/** A MariaDB server from a package of this machine. */
export async function startMariadb(): Promise<SqlServer> {
  if (inDocker()) return sqlServerInDocker('MariaDB', 'mariadb');
  const how = 'apt-get install mariadb-server';
  const program = findProgram('mariadbd', 'mariadb', how);
  const install = findProgram('mariadb-install-db', 'mariadb', how);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-mariadb-'));
  const common = [
    '--no-defaults',
    `--datadir=${path.join(folder, 'data')}`,
    `--user=${os.userInfo().username}`,
  ];
  const made = [...common, '--auth-root-authentication-method=normal', '--skip-test-db'];
  execFileSync(install, made, { stdio: ['ignore', 'ignore', 'pipe'] });
  return startSqlServer('MariaDB', folder, [program, ...common, '--plugin-maturity=gamma']);
}
