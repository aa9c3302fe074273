import fs from 'node:fs';
import path from 'node:path';
import { db } from '#lib/db.ts';
import { forgetServerEnv, keepServerEnv } from '#lib/server-env.ts';
import { type Child, startChild } from '#scripts/launcher/children.ts';
import { choosePorts, type Ports } from '#scripts/launcher/choose-ports.ts';
import { canAnybodySignIn, makeFirstAdmin } from '#scripts/launcher/first-admin.ts';
import { lockFolder } from '#scripts/launcher/lock.ts';
import { ensureDatabase, startPostgresNear } from '#scripts/launcher/postgres.ts';
import { SAMPLE_EMAIL, startSampleWorld } from '#scripts/launcher/sample-world.ts';
import { loadSettings, type Settings, saveSettings } from '#scripts/launcher/settings.ts';
import type { Steps } from '#scripts/launcher/steps.ts';
import { deploy } from '#scripts/migrations.ts';

export interface World {
  url: string;
  firstAdmin: { email: string; password: string } | null;
  /** Nobody can sign in, and a first admin is left to be made: the database is not ours. */
  needsAdmin: boolean;
  /** How to sign in to the vendor of the sample world. */
  sampleVendor: { url: string; email: string; password: string } | null;
  /** Where env files may be written. */
  fileRoots: string;
  /** Names the first part that ends by itself. */
  somethingEnded: Promise<string>;
}

interface Options {
  dataDir: string;
  sample: boolean;
  dev: boolean;
  steps: Steps;
  /** Is given what stops everything started so far, in order: samples, web, workers, then Postgres. */
  onStop(stop: () => Promise<void>): void;
}

/** Where env files may be written: where it was said, and in the sample's folder where the sample runs or nothing was said. */
function fileRoots(dataDir: string, sample: boolean): string {
  const said = process.env.REKEY_FILE_ROOTS;
  const own = sample || !said ? `${dataDir}-sample` : '';
  return [said, own].filter(Boolean).join(',');
}

function processEnv(
  settings: Settings,
  { dataDir, sample }: Options,
  ports: Ports,
  appUrl: string,
): NodeJS.ProcessEnv {
  const url = process.env.REKEY_URL || `http://localhost:${ports.web}`;
  const { web: _web, postgres: _postgres, ...samplePorts } = ports;
  return {
    ...process.env,
    DATABASE_URL: appUrl,
    REKEY_URL: url,
    PORT: String(ports.web),
    REKEY_DATA_DIR: dataDir,
    REKEY_FILE_ROOTS: fileRoots(dataDir, sample),
    REKEY_ALLOW_HOSTS: [
      process.env.REKEY_ALLOW_HOSTS,
      ...Object.values(samplePorts).map((port) => `127.0.0.1:${port}`),
    ]
      .filter(Boolean)
      .join(','),
    REKEY_MASTER_KEYS: process.env.REKEY_MASTER_KEYS || settings.masterKeys,
    REKEY_FINGERPRINT_KEY: process.env.REKEY_FINGERPRINT_KEY || settings.fingerprintKey,
    REKEY_SESSION_KEY: process.env.REKEY_SESSION_KEY || settings.sessionKey,
    REKEY_TOKEN_KEY: process.env.REKEY_TOKEN_KEY || settings.tokenKey,
    REKEY_AUDIT_KEY: process.env.REKEY_AUDIT_KEY || settings.auditKey,
    NEXT_TELEMETRY_DISABLED: '1',
  };
}

/** Starts everything that a data folder needs, in order, each as a process of its own. */
export async function startWorld(options: Options): Promise<World> {
  const { dataDir, sample, dev, steps, onStop } = options;
  const lock = await lockFolder(dataDir);
  const settings = loadSettings(dataDir);
  const { ports, release } = await choosePorts(settings.ports, process.env.PORT);
  const running: { name: string; ended: Promise<unknown>; stop(): Promise<void> }[] = [];
  onStop(async () => {
    forgetServerEnv(dataDir);
    for (const part of [...running].reverse()) {
      await part.stop();
    }
  });
  const keep = (child: Child) => {
    running.push(child);
  };

  let urls = { ownerUrl: process.env.REKEY_MIGRATION_URL, appUrl: process.env.DATABASE_URL };
  const embedded = !urls.appUrl;
  await steps.run('database', async () => {
    if (!embedded) {
      return 'DATABASE_URL';
    }
    const { postgresPassword: password } = settings;
    await release('postgres');
    const postgres = await startPostgresNear({
      directory: path.join(dataDir, 'postgres'),
      port: ports.postgres,
      password,
    });
    ports.postgres = postgres.port;
    running.push({ ...postgres, name: 'database' });
    urls = await ensureDatabase(postgres, 'rekey', password);
    return `Postgres on port ${ports.postgres}${postgres.data.startsWith(fs.realpathSync(dataDir)) ? '' : `, data in ${postgres.data}`}`;
  });
  // The next start tries the same ones first.
  saveSettings(dataDir, { ...settings, ports: { ...ports } });
  await steps.run('migrations', async () => {
    if (!urls.ownerUrl) {
      return 'left to you: REKEY_MIGRATION_URL is not set';
    }
    const role = decodeURIComponent(new URL(urls.appUrl ?? urls.ownerUrl).username);
    const applied = await deploy(
      urls.ownerUrl,
      role === decodeURIComponent(new URL(urls.ownerUrl).username) ? null : role,
    );
    return applied.length === 0 ? 'up to date' : `${applied.length} applied`;
  });

  const env = processEnv(settings, options, ports, urls.appUrl ?? '');
  keepServerEnv(dataDir, { ...env, REKEY_MIGRATION_URL: urls.ownerUrl }, process.env);
  Object.assign(process.env, env);
  const logDir = path.join(dataDir, 'logs');
  if (!process.env.REKEY_FILE_ROOTS) {
    // Where nothing else was said, this is the one folder that env files can be written under, so it has to be there.
    fs.mkdirSync(`${dataDir}-sample`, { recursive: true });
  }
  if (sample) {
    await steps.run('sample world', async () => {
      await startSampleWorld({ settings, ports, release, folder: `${dataDir}-sample`, logDir, keep });
      return `SurfaceScout on port ${ports.surfacescout}`;
    });
  }
  await steps.run('worker', async () => {
    keep(await startChild('worker', 'workers/main.ts', { env, logDir }));
    return '1 process';
  });
  await steps.run('web', async () => {
    await release('web');
    keep(
      await startChild('web', 'app/main.ts', {
        env: { ...env, NODE_ENV: dev ? 'development' : 'production' },
        logDir,
      }),
    );
    return `port ${ports.web}`;
  });
  lock.tell(env.REKEY_URL ?? '');
  // Last, so that a start that fails before cannot lose a password that was never shown.
  const firstAdmin = embedded ? await makeFirstAdmin() : null;
  const needsAdmin = !embedded && !(await canAnybodySignIn());
  await db().close();
  return {
    url: env.REKEY_URL ?? '',
    firstAdmin,
    needsAdmin,
    sampleVendor: sample
      ? {
          url: `http://127.0.0.1:${ports.surfacescout}/app`,
          email: SAMPLE_EMAIL,
          password: settings.samplePassword,
        }
      : null,
    fileRoots: env.REKEY_FILE_ROOTS ?? '',
    somethingEnded: Promise.race(running.map((part) => part.ended.then(() => part.name))),
  };
}
