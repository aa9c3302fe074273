import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '#tests/support/folder.ts';

/* Commands on the server, where there is no database to be had. */

const key = Buffer.alloc(32, 1).toString('base64');
const keys = {
  REKEY_MASTER_KEYS: `m1:${key}`,
  REKEY_FINGERPRINT_KEY: key,
  REKEY_SESSION_KEY: key,
  REKEY_TOKEN_KEY: key,
  REKEY_AUDIT_KEY: key,
};
// Nobody listens at port 1.
const gone = 'postgresql://rekey_app:sample-password@127.0.0.1:1/rekey';

/** What a command says on standard error, as it ends with 1. */
function complaint(env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const { PATH } = process.env;
    const set = { PATH, NODE_ENV: 'production' as const, REKEY_URL: 'http://localhost:3000', ...env };
    execFile(process.execPath, ['cli/rekey.mjs', ...args], { env: set }, (error, said, complained) =>
      error?.code === 1 ? resolve(complained) : reject(new Error(`It ended otherwise: ${said}${complained}`)),
    );
  });
}

// One asks through Prisma, one with plain SQL.
test.each([[['user', 'create', '--email', 'a@example.com', '--role', 'admin']], [['audit', 'verify']]])(
  '%j says of a database that does not answer where that is, in a sentence and without its password',
  async (args) => {
    const said = await complaint({ ...keys, DATABASE_URL: gone, REKEY_DATA_DIR: scratchFolder() }, ...args);
    expect(said).toMatch(
      /^The database of DATABASE_URL does not answer \(127\.0\.0\.1:1\)\. .*give the command again\.\n$/,
    );
    expect(said).not.toContain('sample-password');
  },
);

test('a command takes nothing from the environment of a launcher that was killed', async () => {
  const folder = scratchFolder();
  fs.writeFileSync(path.join(folder, 'server.env'), `DATABASE_URL="${gone}"\n`);
  const said = await complaint(
    { ...keys, REKEY_DATA_DIR: folder },
    'user',
    'link',
    '--email',
    'a@example.com',
  );
  expect(said).toContain('DATABASE_URL is not set');
  expect(said).not.toContain('    at ');
});
