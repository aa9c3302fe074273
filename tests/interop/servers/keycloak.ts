import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort, interopFolder } from '#tests/interop/servers/binaries.ts';
import { dockerPorts, inDocker, reached, stays } from '#tests/interop/servers/docker.ts';
import { NotHere, type RunningServer } from '#tests/interop/servers.ts';

export interface RunningKeycloak extends RunningServer {
  readonly url: string;
  readonly adminSecret: string;
  /** Asks the admin API; answers the body, and throws where the status is no success. */
  ask(method: string, path: string, body?: object): Promise<unknown>;
}

/** Starts Keycloak in its development mode on 127.0.0.1, with its database in memory. */
export async function startKeycloak(): Promise<RunningKeycloak> {
  if (inDocker()) return keycloakInDocker();
  const home = await copyOf(installed());
  const port = await freePort();
  const adminSecret = randomBytes(16).toString('hex');
  const flags = ['--features=client-secret-rotation', '--db=dev-mem', '--cache=local'];
  const listen = ['--http-host=127.0.0.1', `--http-port=${port}`];
  const child = spawn(path.join(home, 'bin/kc.sh'), ['start-dev', ...flags, ...listen], {
    env: {
      ...process.env,
      KC_BOOTSTRAP_ADMIN_CLIENT_ID: 'rekey-admin',
      KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: adminSecret,
      JAVA_OPTS_APPEND: '-Xmx512m',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    fs.rmSync(path.dirname(home), { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    const version = await untilReady(child);
    const url = `http://127.0.0.1:${port}`;
    return { version, url, adminSecret, stop, ask: asker(url, adminSecret) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The server of docker/interop.yml. */
async function keycloakInDocker(): Promise<RunningKeycloak> {
  const url = `http://127.0.0.1:${dockerPorts.keycloak}`;
  const adminSecret = 'sample-of-an-admin-secret';
  const ask = asker(url, adminSecret);
  await reached('keycloak', () => ask('GET', '/master'));
  return { version: 'Keycloak in Docker', url, adminSecret, stop: stays, ask };
}

function installed(): string {
  const root = interopFolder();
  const names = fs.existsSync(root) ? fs.readdirSync(root) : [];
  const found = names.filter((name) => /^keycloak-\d/.test(name)).sort();
  const newest = found.at(-1);
  if (newest !== undefined) return path.join(root, newest);
  throw new NotHere(
    `there is no keycloak-VERSION in ${root}: unpack org.keycloak:keycloak-quarkus-dist (tar.gz, Maven Central) there; it needs Java 17 or later`,
  );
}

/** It builds itself into its own folder as it starts, so it is started in a copy. */
async function copyOf(folder: string): Promise<string> {
  const home = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-keycloak-')), 'keycloak');
  await fs.promises.cp(folder, home, { recursive: true });
  return home;
}

function untilReady(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    const timer = setTimeout(
      () => reject(new Error(`Keycloak was not ready within 200 s:\n${log}`)),
      200_000,
    );
    const read = (chunk: Buffer) => {
      log += chunk.toString('utf8');
      const version = /(Keycloak \d[\w.]*) on JVM .* started in/.exec(log)?.[1];
      if (version === undefined) return;
      clearTimeout(timer);
      resolve(version);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.on('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`Keycloak ended with ${code}:\n${log}`));
    });
  });
}

function asker(url: string, adminSecret: string) {
  return async (method: string, where: string, body?: object): Promise<unknown> => {
    const form = { grant_type: 'client_credentials', client_id: 'rekey-admin', client_secret: adminSecret };
    const signIn = await fetch(`${url}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    const token: unknown = await signIn.json();
    const bearer = typeof token === 'object' && token !== null && Reflect.get(token, 'access_token');
    const response = await fetch(`${url}/admin/realms${where}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}
