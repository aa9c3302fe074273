import { type ChildProcess, execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createGuard } from '#lib/guard.ts';
import { createHttp, type HttpRequest } from '#lib/http.ts';
import type { RunningServer } from '../servers.ts';
import { findProgram, freePort, started, stopped, until } from './binaries.ts';
import { certificateAt, dockerPorts, inDocker, reached } from './docker.ts';

export interface Cluster extends RunningServer {
  readonly server: string;
  /** The authority of its certificate, in PEM. */
  readonly ca: string;
  /** Asks the API as an administrator; throws where it is not answered with success. */
  ask(method: HttpRequest['method'], path: string, body?: unknown): Promise<unknown>;
}

const HOW =
  'build it with Go: `go build PACKAGE` for k8s.io/kubernetes/cmd/kube-apiserver and go.etcd.io/etcd/server/v3 in a module that requires them, and replaces each k8s.io/X by its v0.N.P of the same release.';
const ADMIN = 'token-of-the-administrator';

/** kube-apiserver with RBAC and its etcd. There are no controllers: a test plays them. */
export async function startKubernetes(): Promise<Cluster> {
  if (inDocker()) return kubernetesInDocker();
  const programs = { etcd: findProgram('etcd', '', HOW), apiserver: findProgram('kube-apiserver', '', HOW) };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-kubernetes-'));
  const at = (name: string) => path.join(folder, name);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  fs.writeFileSync(at('sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }));
  fs.writeFileSync(at('tokens.csv'), `${ADMIN},admin,1,"system:masters"\n`);
  const etcd = await startEtcd(programs.etcd, folder);
  const port = await freePort();
  const apiserver = startApiServer(programs.apiserver, at, etcd.url, port);
  const stop = async () => {
    await stopped(apiserver);
    await stopped(etcd.child);
    fs.rmSync(folder, { recursive: true, force: true });
  };
  const server = `https://127.0.0.1:${port}`;
  const caFile = at('certs/apiserver.crt');
  try {
    await until('the certificate of kube-apiserver', async () => fs.existsSync(caFile));
    const ca = fs.readFileSync(caFile, 'utf8');
    const { http, ask } = administrator(server, ca);
    await until('the start of kube-apiserver', () => ready(ask));
    const version = `${versionOf(programs.apiserver)} with etcd ${versionOf(programs.etcd)}`;
    const stopAll = async () => {
      await http.close();
      await stop();
    };
    return { version: `kube-apiserver ${version}`, server, ca, ask, stop: stopAll };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A client that may do everything. */
function administrator(server: string, ca: string) {
  const http = createHttp({ guard: createGuard({ allowHosts: ['127.0.0.1'] }), ca });
  const ask: Cluster['ask'] = async (method, where, body) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': type };
    const answer = await http.request({ method, url: `${server}${where}`, headers, ...sent });
    if (answer.status >= 300) throw new Error(`${where} answered ${answer.status}: ${answer.text}`);
    return JSON.parse(answer.text);
  };
  return { http, ask };
}

/** The roles that every service account has are laid down a moment after the start. */
async function ready(ask: Cluster['ask']): Promise<boolean> {
  await ask('GET', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/system:basic-user');
  return true;
}

/** The server of docker/interop.yml. */
async function kubernetesInDocker(): Promise<Cluster> {
  const server = `https://127.0.0.1:${dockerPorts.kubernetes}`;
  let ca = '';
  await reached('kubernetes', async () => {
    ca = await certificateAt(dockerPorts.kubernetes);
    return true;
  });
  const { http, ask } = administrator(server, ca);
  await until('the start of kube-apiserver', () => ready(ask));
  const { gitVersion } = Object(await ask('GET', '/version'));
  return { version: `kube-apiserver ${gitVersion}`, server, ca, ask, stop: () => http.close() };
}

async function startEtcd(program: string, folder: string) {
  const url = `http://127.0.0.1:${await freePort()}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  const options = {
    'data-dir': path.join(folder, 'etcd'),
    'listen-client-urls': url,
    'advertise-client-urls': url,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
  };
  const child = started(program, flags(options), folder);
  return { url, child };
}

function startApiServer(
  program: string,
  at: (name: string) => string,
  etcdUrl: string,
  port: number,
): ChildProcess {
  const options = {
    'etcd-servers': etcdUrl,
    'bind-address': '127.0.0.1',
    'secure-port': String(port),
    'cert-dir': at('certs'),
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': at('sa.key'),
    'service-account-signing-key-file': at('sa.key'),
    'token-auth-file': at('tokens.csv'),
    'authorization-mode': 'RBAC',
    'service-cluster-ip-range': '10.0.0.0/24',
    // Nobody makes service accounts for namespaces here.
    'disable-admission-plugins': 'ServiceAccount',
  };
  return started(program, flags(options), at('.'));
}

const flags = (options: Record<string, string>) =>
  Object.entries(options).map(([name, value]) => `--${name}=${value}`);

function versionOf(program: string): string {
  return /(\d+\.\d+\.\d+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[1] ?? '?';
}
