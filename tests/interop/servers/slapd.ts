import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'ldapts';
import { NotHere, type RunningServer } from '../servers.ts';
import { ended, freePort, interopFolder, until } from './binaries.ts';
import { certificateAt, dockerPorts, inDocker, reached, SLAPD_TLS_PORT, stays } from './docker.ts';

export interface Slapd extends RunningServer {
  readonly ldapPort: number;
  readonly ldapsPort: number;
  /** The server's certificate, which signs itself. */
  readonly ca: string;
  /** Entries, with their passwords. `rotator` may write passwords, `reader` may not. */
  readonly passwords: Readonly<Record<'rotator' | 'reader' | 'app' | 'other' | 'own', string>>;
  dnOf(name: string): string;
}

const BASE = 'dc=example';
const ROOT_PASSWORD = 'root-password';
const passwords = {
  rotator: 'rotator-password',
  reader: 'reader-password',
  app: 'app-password',
  other: 'other-password',
  own: 'own-password',
};
const dnOf = (name: string) => `uid=${name},${BASE}`;

/** The folder that Debian's packages were installed or unpacked in: it has usr/sbin/slapd. */
function installed(): string {
  const root = ['/', path.join(interopFolder(), 'slapd')].find((one) =>
    fs.existsSync(path.join(one, 'usr/sbin/slapd')),
  );
  if (root !== undefined) return root;
  throw new NotHere(
    'there is no slapd. Get it: apt-get install slapd, or unpack slapd, libltdl7 and libodbc2 with dpkg -x into REKEY_INTEROP_DIR/slapd.',
  );
}

/** OpenLDAP's server with a password policy that counts one refused sign-in and locks. */
export async function startSlapd(): Promise<Slapd> {
  if (inDocker()) return slapdInDocker();
  const root = installed();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-slapd-'));
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: [path.join(root, 'usr/lib'), path.join(root, 'usr/lib/x86_64-linux-gnu')].join(':'),
  };
  const binary = path.join(root, 'usr/sbin/slapd');
  const [ldapPort, ldapsPort] = [await freePort(), await freePort()];
  const ca = writeCertificate(folder);
  fs.mkdirSync(path.join(folder, 'data'));
  fs.writeFileSync(path.join(folder, 'slapd.conf'), configOf(root, folder));
  const listen = `ldap://127.0.0.1:${ldapPort}/ ldaps://127.0.0.1:${ldapsPort}/`;
  const child = spawn(binary, ['-d', '0', '-h', listen, '-f', path.join(folder, 'slapd.conf')], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (bytes: Buffer) => {
    complaint += bytes.toString();
  });
  const stop = async () => {
    await ended(child);
    fs.rmSync(folder, { recursive: true, force: true });
  };
  try {
    await fill(ldapPort, child);
  } catch (error) {
    await stop();
    throw new Error(`slapd did not start: ${complaint}`, { cause: error });
  }
  return { version: versionOf(binary, env), stop, ldapPort, ldapsPort, ca, passwords, dnOf };
}

/** The server of docker/interop.yml. It has no entries yet. */
async function slapdInDocker(): Promise<Slapd> {
  const ldapPort = dockerPorts.slapd;
  const ldapsPort = SLAPD_TLS_PORT;
  let ca = '';
  await reached('slapd', async () => {
    ca = await certificateAt(ldapsPort);
    return true;
  });
  await fill(ldapPort, null);
  return { version: 'OpenLDAP in Docker', stop: stays, ldapPort, ldapsPort, ca, passwords, dnOf };
}

function versionOf(binary: string, env: NodeJS.ProcessEnv): string {
  const said = execFileSync('sh', ['-c', '"$0" -VV 2>&1', binary], { env, encoding: 'utf8' });
  return `OpenLDAP ${/slapd (\S+)/.exec(said)?.[1] ?? ''}`;
}

function writeCertificate(folder: string): string {
  const made = [
    'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=slapd -addext subjectAltName=IP:127.0.0.1',
    `-keyout ${path.join(folder, 'key.pem')} -out ${path.join(folder, 'cert.pem')}`,
  ];
  execFileSync('openssl', made.join(' ').split(' '), { stdio: 'ignore' });
  return fs.readFileSync(path.join(folder, 'cert.pem'), 'utf8');
}

/** What slapd is told: where its packages lie, and where its data and its certificate. */
export function configOf(root: string, folder: string): string {
  const schema = ['core', 'cosine', 'inetorgperson'].map(
    (name) => `include ${path.join(root, 'etc/ldap/schema', `${name}.schema`)}`,
  );
  return `${schema.join('\n')}
modulepath ${path.join(root, 'usr/lib/ldap')}
moduleload back_mdb
moduleload ppolicy
TLSCertificateFile ${path.join(folder, 'cert.pem')}
TLSCertificateKeyFile ${path.join(folder, 'key.pem')}
database mdb
suffix "${BASE}"
rootdn "cn=root,${BASE}"
rootpw ${ROOT_PASSWORD}
directory ${path.join(folder, 'data')}
overlay ppolicy
ppolicy_default "cn=policy,${BASE}"
access to attrs=userPassword by dn="${dnOf('rotator')}" write by self write by anonymous auth by * none
access to * by * read
`;
}

async function fill(port: number, child: ChildProcess | null): Promise<void> {
  const client = new Client({ url: `ldap://127.0.0.1:${port}` });
  try {
    const signIn = async () => {
      await client.bind(`cn=root,${BASE}`, ROOT_PASSWORD);
      return true;
    };
    await until('the start of slapd', signIn, child);
    await client.add(BASE, { objectClass: ['domain'], dc: 'example' });
    await client.add(`cn=policy,${BASE}`, {
      objectClass: ['device', 'pwdPolicy'],
      cn: 'policy',
      pwdAttribute: 'userPassword',
      pwdMinLength: '12',
      pwdCheckQuality: '2',
      pwdInHistory: '5',
      pwdLockout: 'TRUE',
      pwdMaxFailure: '1',
    });
    for (const [name, userPassword] of Object.entries(passwords)) {
      const objectClass = ['inetOrgPerson'];
      await client.add(dnOf(name), { objectClass, uid: name, cn: name, sn: name, userPassword });
    }
  } finally {
    await client.unbind();
  }
}
