import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '#scripts/launcher/ports.ts';
import { startTemporaryPostgres } from '#scripts/launcher/temporary-postgres.ts';
import { firstPort, wishPorts } from '#tests/e2e/support/ports.ts';
import { copyTemplate } from '#tests/support/database.ts';
import { makeTemplate } from '#tests/support/postgres.ts';

/** What the specs know of the running stack. */
export interface StackInfo {
  url: string;
  databaseUrl: string;
  dataDir: string;
  sampleDir: string;
  /** A port on which a spec may receive what notifiers send. */
  inboxPort: number;
  /** A port on which a spec may receive mail. */
  mailPort: number;
  vendor: { url: string; email: string; password: string };
  env: Record<string, string>;
}

const root = path.resolve(import.meta.dirname, '../../..');

function start(env: Record<string, string>): { child: ChildProcess; ready: Promise<string> } {
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/start.ts', '--sample'], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ready = new Promise<string>((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer) => {
      said += String(chunk);
      if (/web app: \S+ \(\S+, \S+\)/.test(said)) {
        resolve(said);
      }
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', (code) => reject(new Error(`The stack did not start (code ${code}):\n${said}`)));
  });
  return { child, ready };
}

/**
 * The real stack, as `npm start` makes it, on a database whose clock the specs can move. Answers how to stop it.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const postgres = await startTemporaryPostgres();
  await makeTemplate(postgres);
  const databaseUrl = await copyTemplate(postgres.url('postgres'), 'rekey_e2e');
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-e2e-'));
  wishPorts(dataDir, firstPort);
  const port = await freePort(firstPort + 20);
  const inboxPort = await freePort(firstPort + 30);
  const mailPort = await freePort(firstPort + 31);
  const key = () => randomBytes(32).toString('base64');
  const env = {
    DATABASE_URL: databaseUrl,
    REKEY_MIGRATION_URL: databaseUrl.replace('rekey_app', 'rekey_owner'),
    REKEY_DATA_DIR: dataDir,
    REKEY_URL: `http://localhost:${port}`,
    PORT: String(port),
    REKEY_ALLOW_HOSTS: `127.0.0.1:${inboxPort},127.0.0.1:${mailPort}`,
    REKEY_MASTER_KEYS: `m1:${key()}`,
    REKEY_FINGERPRINT_KEY: key(),
    REKEY_SESSION_KEY: key(),
    REKEY_TOKEN_KEY: key(),
    REKEY_AUDIT_KEY: key(),
  };
  const { child, ready } = start(env);
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null) {
      child.kill('SIGINT');
      await ended;
    }
    await postgres.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
    fs.rmSync(`${dataDir}-sample`, { recursive: true, force: true });
  };
  try {
    const [, url = '', email = '', password = ''] = /web app: (\S+) \((\S+), (\S+)\)/.exec(await ready) ?? [];
    const info: StackInfo = {
      url: env.REKEY_URL,
      databaseUrl,
      dataDir,
      sampleDir: `${dataDir}-sample`,
      inboxPort,
      mailPort,
      vendor: { url, email, password },
      env,
    };
    process.env.REKEY_E2E = JSON.stringify(info);
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}
