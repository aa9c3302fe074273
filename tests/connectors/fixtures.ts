import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Fields } from '#connectors/contract.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { createWebhookReceiver } from '../../clients/node/webhook-receiver.mjs';
import { fakeSurfaceScout } from '../fakes/surfacescout.ts';
import { loopback } from '../support/loopback.ts';

/** The other side of a connector, on loopback or in a temporary folder. */
interface World {
  /** As an operator enters them. */
  readonly config: unknown;
  readonly place: unknown;
  readonly fileRoots?: string[];
  /** Makes the other side refuse the sign-in or the permission that is stored. Left out where none is. */
  readonly refuse?: () => Promise<void>;
  /** Takes the other side out of order. */
  readonly breakDown: () => Promise<void>;
  /** Values that no error may hold. */
  readonly secrets: readonly string[];
  close(): Promise<void>;
}

export interface IssuerWorld extends World {
  /** Fields with which a sign-in succeeds now. */
  readonly working: Fields;
}

export interface TargetWorld extends World {
  /** Everything at the target that is not the given key of the slot `primary`, to be compared. */
  neighbours(key: string): Promise<string>;
}

/** One per registered issuer connector; the suite fails without it. */
export const issuerFixtures: Readonly<Record<string, () => Promise<IssuerWorld>>> = {
  surfacescout: surfacescoutWorld,
  assisted: assistedWorld,
};

/** One per registered target connector; the suite fails without it. */
export const targetFixtures: Readonly<Record<string, () => Promise<TargetWorld>>> = {
  dotenv: dotenvWorld,
  webhook: webhookWorld,
};

async function surfacescoutWorld(): Promise<IssuerWorld> {
  const fake = await fakeSurfaceScout({ maxLive: 10 });
  const first = fake.live.get('first')?.value ?? '';
  const { clientId, maxLive, readBack } = fake.behaviour;
  return {
    config: { baseUrl: `${fake.url}/`, adminToken: fake.adminToken },
    place: { clientId, maxLive, readBack },
    working: { clientId: new Plaintext(clientId), clientSecret: new Plaintext(first) },
    secrets: [first, fake.adminToken],
    refuse: async () => {
      fake.trouble = 'unauthorized';
    },
    breakDown: async () => {
      fake.trouble = 'unavailable';
    },
    close: fake.close,
  };
}

async function assistedWorld(): Promise<IssuerWorld> {
  const fake = await fakeSurfaceScout();
  const first = fake.live.get('first')?.value ?? '';
  const { clientId } = fake.behaviour;
  return {
    config: {
      vendor: 'Example',
      link: 'https://vendor.example/app',
      steps: 'Open Developer Tools.\n\n  Press Rotate. \r\nCopy the secret.',
      tokenUrl: `${fake.url}/oauth/token`,
    },
    place: { clientId },
    working: { clientSecret: new Plaintext(first) },
    secrets: [first],
    breakDown: async () => {
      fake.trouble = 'unavailable';
    },
    close: fake.close,
  };
}

async function dotenvWorld(): Promise<TargetWorld> {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'rekey-contract-')));
  const file = path.join(root, 'app.env');
  const fileRoots = [root];
  await writeFile(file, '# neighbours\nexport OTHER=\'1\' # kept\nMULTI="a\nb"\nSECRET=old\nLAST=1');
  return {
    config: {},
    place: { path: file },
    fileRoots,
    secrets: [],
    refuse: async () => {
      fileRoots.length = 0;
    },
    breakDown: () => writeFile(path.join(root, '.app.env.rekey'), 'another delivery is writing'),
    neighbours: async (key) => (await readFile(file, 'utf8')).replace(new RegExp(`^${key}=.*$`, 'm'), ''),
    close: () => rm(root, { recursive: true, force: true }),
  };
}

async function webhookWorld(): Promise<TargetWorld> {
  const signingSecret = `whsec_${randomBytes(32).toString('base64')}`;
  const kept = new Map([['primary OTHER', { versionId: 'other', value: '1' }]]);
  let trouble: number | undefined;
  const receive = createWebhookReceiver({
    signingSecret,
    keep: ({ versionId, slot, entries }) => {
      for (const [key, value] of Object.entries(entries)) kept.set(`${slot} ${key}`, { versionId, value });
    },
    remove: ({ slot, keys }) => {
      for (const key of keys) kept.delete(`${slot} ${key}`);
    },
    held: ({ slot, keys }) => {
      const found = keys.map((key) => [key, kept.get(`${slot} ${key}`)] as const);
      const versionId = found[0]?.[1]?.versionId;
      if (versionId === undefined) return null;
      return {
        versionId,
        entries: Object.fromEntries(found.map(([key, there]) => [key, there?.value ?? ''])),
      };
    },
  });
  const server = await loopback((request, response) => {
    if (trouble === undefined) receive(request, response);
    else request.resume().on('end', () => response.writeHead(trouble ?? 500).end());
  });
  return {
    config: { url: `${server.url}/rekey`, signingSecret },
    place: {},
    secrets: [signingSecret],
    refuse: async () => {
      trouble = 401;
    },
    breakDown: async () => {
      trouble = 503;
    },
    neighbours: async (key) => JSON.stringify([...kept].filter(([name]) => name !== `primary ${key}`)),
    close: server.close,
  };
}
