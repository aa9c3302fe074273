import fs from 'node:fs';
import path from 'node:path';
import { envFileOf, type SampleName, type SamplePlaces, sampleNames, seedSampleWorld } from '#demo/seed.ts';
import { type Child, startChild } from '#scripts/launcher/children.ts';
import type { Settings } from '#scripts/launcher/settings.ts';

export const SAMPLE_EMAIL = 'ops@example.test';

export interface SamplePorts {
  surfacescout: number;
  receiver: number;
  'fleet-api': number;
  'survey-importer': number;
  'report-builder': number;
  'partner-portal': number;
}

interface Options {
  settings: Settings;
  ports: SamplePorts;
  /** Lets a part have its port, right before it starts. */
  release(name: keyof SamplePorts): Promise<void>;
  /** Holds the applications' files and the vendor's own state. */
  folder: string;
  logDir: string;
  keep(child: Child): void;
}

/** The sample's processes stand for other people's: they get none of our addresses and keys. */
const bareEnv = () => ({ PATH: process.env.PATH, NODE_ENV: 'production' as const });

const local = (port: number) => `http://127.0.0.1:${port}`;

function placesOf({ settings, ports, folder }: Options): SamplePlaces {
  return {
    surfacescout: local(ports.surfacescout),
    receiver: local(ports.receiver),
    consumers: {
      'fleet-api': local(ports['fleet-api']),
      'survey-importer': local(ports['survey-importer']),
      'report-builder': local(ports['report-builder']),
      'partner-portal': local(ports['partner-portal']),
    },
    folder,
    adminToken: settings.sampleToken,
    signingSecret: settings.webhookSecret,
  };
}

function consumerEnv(options: Options, name: SampleName): NodeJS.ProcessEnv {
  const scout = local(options.ports.surfacescout);
  return {
    ...bareEnv(),
    CONSUMER_NAME: name,
    CONSUMER_FILE: envFileOf(options.folder, name),
    CONSUMER_TOKEN_URL: `${scout}/oauth/token`,
    CONSUMER_API_URL: `${scout}/api/scans`,
    CONSUMER_PORT: String(options.ports[name]),
  };
}

/** Starts the vendor and the receiver, seeds an empty installation, then starts the applications. */
export async function startSampleWorld(options: Options): Promise<void> {
  const { settings, ports, release, folder, logDir, keep } = options;
  fs.mkdirSync(folder, { recursive: true });
  const vendor = {
    SURFACESCOUT_PORT: String(ports.surfacescout),
    SURFACESCOUT_STATE: path.join(folder, 'surfacescout.json'),
    SURFACESCOUT_ADMIN_TOKEN: settings.sampleToken,
    SURFACESCOUT_WEB_EMAIL: SAMPLE_EMAIL,
    SURFACESCOUT_WEB_PASSWORD: settings.samplePassword,
  };
  const receiver = {
    RECEIVER_PORT: String(ports.receiver),
    RECEIVER_FILE: path.join(folder, 'receiver.json'),
    RECEIVER_SIGNING_SECRET: settings.webhookSecret,
  };
  await Promise.all([release('surfacescout'), release('receiver')]);
  const started = await Promise.all([
    startChild('surfacescout', 'demo/surfacescout/main.ts', { env: { ...bareEnv(), ...vendor }, logDir }),
    startChild('webhook receiver', 'demo/receiver/main.ts', { env: { ...bareEnv(), ...receiver }, logDir }),
  ]);
  started.forEach(keep);
  await seedSampleWorld(placesOf(options));
  const consumers = await Promise.all(
    sampleNames.map(async (name) => {
      await release(name);
      return startChild(`consumer ${name}`, 'demo/consumer/main.ts', {
        env: consumerEnv(options, name),
        logDir,
      });
    }),
  );
  consumers.forEach(keep);
}
