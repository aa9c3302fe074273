import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { system } from '#core/access/actor.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { fingerprint } from '#core/vault/fingerprint.ts';
import { type RunningSurfaceScout, startSurfaceScout } from '#demo/surfacescout/start.ts';
import { db } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { type Child, startChild } from '#scripts/launcher/children.ts';

export const actor = system('fault suite');

const ADMIN_TOKEN = 'fleet-admin-token';
const KEY = 'SECRET';

interface Member {
  readonly credentialId: string;
  readonly clientId: string;
  /** The env file that its one binding writes. */
  readonly file: string;
}

/** Many credentials at one real vendor, an env file for each, and workers as in production. */
export class Fleet {
  readonly members: Member[] = [];
  readonly #folder: string;
  readonly #scout: RunningSurfaceScout;
  readonly #workers: Child[] = [];
  #started = 0;

  private constructor(folder: string, scout: RunningSurfaceScout) {
    this.#folder = folder;
    this.#scout = scout;
  }

  static async open(count: number): Promise<Fleet> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-fleet-'));
    const files = path.join(folder, 'files');
    fs.mkdirSync(files);
    process.env.REKEY_FILE_ROOTS = files;
    process.env.REKEY_DATA_DIR = path.join(folder, 'no-data-here');
    const clientIds = Array.from({ length: count }, (_, n) => `fleet-${n}`);
    const scout = await startSurfaceScout({
      port: 0,
      statePath: path.join(folder, 'surfacescout.json'),
      adminToken: ADMIN_TOKEN,
      webUser: { email: 'ops@example.test', password: 'sample-password' },
      clients: clientIds.map((clientId) => ({
        clientId,
        maxLive: 2,
        chosenValue: false,
        readBack: false,
        list: true,
        propagationSeconds: 0,
        hasApi: true,
      })),
    });
    const fleet = new Fleet(folder, scout);
    await fleet.#import(clientIds, files);
    return fleet;
  }

  async #import(clientIds: readonly string[], files: string): Promise<void> {
    const config = { baseUrl: this.#scout.url, adminToken: ADMIN_TOKEN };
    const issuer = await addIssuer(actor, { name: 'Fleet', kind: 'surfacescout', config });
    const target = await addTarget(actor, { name: 'Fleet files', kind: 'dotenv', config: {} });
    for (const clientId of clientIds) {
      const { id, clientSecret } = await this.#ask<{ id: string; clientSecret: string }>(
        `${clientId}/first-secret`,
      );
      const { id: credentialId } = await importCredential(actor, {
        name: clientId,
        issuerId: issuer.id,
        place: { clientId, maxLive: 2, list: true },
        environment: 'test',
        fields: { clientId, clientSecret },
        externalId: id,
      });
      const file = path.join(files, `${clientId}.env`);
      fs.writeFileSync(file, `BEFORE=stays\n${KEY}=${clientSecret}\nAFTER=stays\n`);
      const binding = { credentialId, targetId: target.id, fields: { clientSecret: KEY } };
      await bindTarget(actor, { ...binding, place: { path: file } });
      this.members.push({ credentialId, clientId, file });
    }
  }

  async #ask<T>(where: string): Promise<T> {
    const answer = await fetch(`${this.#scout.url}/admin/clients/${where}`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    return (await answer.json()) as T;
  }

  /** Starts worker processes as in production; answers them. */
  async startWorkers(count: number): Promise<Child[]> {
    const started = await Promise.all(
      Array.from({ length: count }, () => {
        this.#started += 1;
        const logDir = path.join(this.#folder, 'logs');
        const env = { ...process.env, REKEY_LOG_LEVEL: 'warn' };
        return startChild(`worker-${this.#started}`, 'workers/main.ts', { env, logDir });
      }),
    );
    this.#workers.push(...started);
    return started;
  }

  /** What the files hold is theirs alone: SIGKILL for those that still run. */
  async close(): Promise<void> {
    for (const worker of this.#workers) {
      kill(worker);
    }
    await Promise.all(this.#workers.map(({ ended }) => ended));
    await this.#scout.close();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What the workers wrote, for whoever looks for the reason of a failure. */
  logs(): string {
    const folder = path.join(this.#folder, 'logs');
    return fs
      .readdirSync(folder)
      .map((name) => fs.readFileSync(path.join(folder, name), 'utf8').slice(-2000))
      .join('\n');
  }

  /** The temporary files that lie beside the env files. */
  temporaries(): string[] {
    const folder = path.join(this.#folder, 'files');
    return fs
      .readdirSync(folder)
      .filter((name) => name.endsWith('.rekey'))
      .map((name) => path.join(folder, name));
  }

  /** Moves the files' own clock: what a dead writer left is taken away by the next one once it is a minute old. */
  ageTemporaries(): void {
    const past = Date.now() / 1000 - 61;
    for (const file of this.temporaries()) {
      fs.utimesSync(file, past, past);
    }
  }

  secretIn(file: string): string {
    return new RegExp(`^${KEY}=(.*)$`, 'm').exec(fs.readFileSync(file, 'utf8'))?.[1] ?? '';
  }

  /** Each broken promise about the state that all members are in is a sentence. */
  async brokenPromises(): Promise<string[]> {
    return (await Promise.all(this.members.map((member) => this.#broken(member)))).flat();
  }

  async #broken({ credentialId, clientId, file }: Member): Promise<string[]> {
    const versions = await db().prisma.secretVersion.findMany({ where: { credentialId } });
    const current = versions.filter(({ state }) => state === 'current');
    const open = versions.filter(({ state }) => state === 'pending' || state === 'previous');
    const secret = this.secretIn(file);
    const live = await this.#ask<{ secrets: unknown[] }>(`${clientId}/secrets`);
    const token = await fetch(`${this.#scout.url}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const rest = fs.readFileSync(file, 'utf8').replace(/^SECRET=.*\n/m, '');
    const said: [boolean, string][] = [
      [current.length === 1, `${clientId} has ${current.length} current versions`],
      [open.length === 0, `${clientId} has versions left ${open.map(({ state }) => state).join(', ')}`],
      [
        current[0]?.fingerprint === fingerprint(new Plaintext(secret)),
        `${clientId}'s file lacks the current version`,
      ],
      [token.status === 200, `${clientId}'s file does not sign in`],
      [live.secrets.length === 1, `${clientId} has ${live.secrets.length} live secrets`],
      [rest === 'BEFORE=stays\nAFTER=stays\n', `${clientId}'s file has lost its other lines`],
    ];
    return said.filter(([holds]) => !holds).map(([, sentence]) => sentence);
  }
}

/** SIGKILL of a worker and everything in its process group. */
export function kill({ process: { pid, exitCode, signalCode } }: Child): void {
  if (pid !== undefined && exitCode === null && signalCode === null) {
    process.kill(-pid, 'SIGKILL');
  }
}
