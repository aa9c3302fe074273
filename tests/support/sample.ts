import fs from 'node:fs';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { createWebhookReceiver } from '#clients/node/webhook-receiver.mjs';
import { advance } from '#core/rotation/advance.ts';
import { type RunningConsumer, startConsumer } from '#demo/consumer/start.ts';
import { closeServer, listenOnLoopback } from '#demo/reply.ts';
import { envFileOf, type SampleName, type SamplePlaces, sampleNames, seedSampleWorld } from '#demo/seed.ts';
import { type ClientBehaviour, defaultWorld } from '#demo/surfacescout/behaviour.ts';
import { startSurfaceScout } from '#demo/surfacescout/start.ts';
import { db } from '#lib/db.ts';
import { aBrowser } from '#tests/demo/browser.ts';
import { moveTime } from '#tests/support/database.ts';

const signingSecret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

const webUser = { email: 'ops@example.test', password: 'sample-password' };

const api = { readBack: false, list: false, propagationSeconds: 0, hasApi: true, chosenValue: false };

/** Clients of kinds that the sample world itself does not have. */
export const moreClients = [
  { ...api, clientId: 'single-listed', maxLive: 1, list: true },
  { ...api, clientId: 'single-chosen', maxLive: 1, chosenValue: true },
  { ...api, clientId: 'single-readable', maxLive: 1, list: true, readBack: true },
  { ...api, clientId: 'graced', maxLive: 2, overlap: 'graced', list: true },
  { ...api, clientId: 'two-slots', maxLive: 2, list: true },
  { ...api, clientId: 'ten-slots', maxLive: 10, list: true },
] as const satisfies readonly ClientBehaviour[];

export interface Sample {
  places: SamplePlaces;
  consumers: Record<SampleName, RunningConsumer>;
  /** What the webhook receiver holds, and what lies beside it in the slot next. */
  received: { versionId: string; entries: Record<string, string> } | null;
  receivedNext: { versionId: string; entries: Record<string, string> } | null;
  credentialId(name: SampleName): Promise<string>;
  envFile(name: SampleName): string;
  closeReceiver(): Promise<void>;
  /** Asks the vendor for a token; answers the status and the error code. */
  askToken(name: SampleName, secret: string): Promise<{ status: number; error: string | undefined }>;
  secretInFile(name: SampleName): string;
  fault(fault: Record<string, unknown>): Promise<void>;
  clearFaults(): Promise<void>;
  /** What a person does for an assisted rotation; answers the new secret. */
  rotateOnVendorsPage(name: SampleName): Promise<string>;
  close(): Promise<void>;
}

/** The sample world in this process, seeded into this file's database unless the test does that. */
export async function startSample({ seeded = true } = {}): Promise<Sample> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-sample-'));
  process.env.REKEY_FILE_ROOTS = folder;
  process.env.REKEY_DATA_DIR = path.join(folder, 'no-data-here');
  const adminToken = 'sample-admin-token';
  const scout = await startSurfaceScout({
    port: 0,
    statePath: path.join(folder, 'surfacescout.json'),
    adminToken,
    webUser,
    clients: [...defaultWorld, ...moreClients],
  });
  const sample: Pick<Sample, 'received' | 'receivedNext'> = { received: null, receivedNext: null };
  const partOf = (slot: string) => (slot === 'next' ? 'receivedNext' : 'received');
  const receiver = createServer(
    createWebhookReceiver({
      signingSecret,
      keep: ({ versionId, slot, entries }) => {
        sample[partOf(slot)] = { versionId, entries };
      },
      held: ({ slot }) => sample[partOf(slot)],
      remove: () => {
        sample.receivedNext = null;
      },
    }),
  );
  const receiverUrl = await listenOnLoopback(receiver, 0);
  const consumers = Object.fromEntries(
    await Promise.all(
      sampleNames.map(async (name) => [
        name,
        await startConsumer({
          name,
          file: envFileOf(folder, name),
          tokenUrl: `${scout.url}/oauth/token`,
          apiUrl: `${scout.url}/api/scans`,
          port: 0,
          intervalMs: 25,
        }),
      ]),
    ),
  ) as Record<SampleName, RunningConsumer>;
  const places: SamplePlaces = {
    surfacescout: scout.url,
    receiver: receiverUrl,
    consumers: {
      'fleet-api': consumers['fleet-api'].url,
      'survey-importer': consumers['survey-importer'].url,
      'report-builder': consumers['report-builder'].url,
      'partner-portal': consumers['partner-portal'].url,
    },
    folder,
    adminToken,
    signingSecret,
  };
  if (seeded) await seedSampleWorld(places);
  return Object.assign(sample, {
    places,
    consumers,
    credentialId: async (name: SampleName) =>
      (await db().prisma.credential.findFirstOrThrow({ where: { name } })).id,
    askToken: async (name: SampleName, secret: string) => {
      const answer = await fetch(`${scout.url}/oauth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      });
      const body = (await answer.json()) as { error?: string };
      return { status: answer.status, error: body.error };
    },
    envFile: (name: SampleName) => envFileOf(folder, name),
    closeReceiver: () => closeServer(receiver),
    secretInFile: (name: SampleName) =>
      /^SCOUT_CLIENT_SECRET=(.*)$/m.exec(fs.readFileSync(envFileOf(folder, name), 'utf8'))?.[1] ?? '',
    fault: async (fault: Record<string, unknown>) => {
      const answer = await fetch(`${scout.url}/admin/faults`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(fault),
      });
      if (!answer.ok) {
        throw new Error(`The fault was refused: ${await answer.text()}`);
      }
    },
    clearFaults: async () => {
      const headers = { authorization: `Bearer ${adminToken}` };
      await fetch(`${scout.url}/admin/faults`, { method: 'DELETE', headers });
    },
    rotateOnVendorsPage: async (name: SampleName) => {
      const browser = aBrowser(scout.url);
      await browser.open('/app');
      await browser.submit('/app/sign-in', webUser);
      const { text } = await browser.submit(`/app/developer-tools/${name}/rotate`);
      return new RegExp(`id="secret-${name}"[^>]* value="([^"]+)"`).exec(text)?.[1] ?? '';
    },
    close: async () => {
      await Promise.all(sampleNames.map((name) => consumers[name].close()));
      await scout.close();
      if (receiver.listening) {
        await closeServer(receiver);
      }
      fs.rmSync(folder, { recursive: true, force: true });
    },
  });
}

/** The same, with the clock moved on by a minute between tries, so that every retry is used up at once. */
export function advanceThroughRetries(rotationId: string): ReturnType<typeof advanceUntil> {
  return advanceUntil(
    rotationId,
    (row) => row.outcome !== null || row.hold !== null,
    () => moveTime(process.env.DATABASE_URL ?? '', '1 minute'),
  );
}

/** Advances a rotation, as a worker would, until `until` holds for its row. Gives up after 400 rounds. */
export async function advanceUntil(
  rotationId: string,
  until: (row: { phase: string; outcome: string | null; hold: string | null }) => boolean,
  between = () => new Promise<void>((resolve) => setTimeout(resolve, 25)),
): Promise<{ phase: string; outcome: string | null; hold: string | null; holdDetail: string | null }> {
  for (let round = 0; round < 400; round += 1) {
    await advance(rotationId, () => {});
    const row = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
    if (until(row)) {
      return row;
    }
    await between();
  }
  const row = await db().prisma.rotation.findUniqueOrThrow({ where: { id: rotationId } });
  throw new Error(`The rotation stands at ${row.phase}, hold ${row.hold}: ${row.holdDetail}`);
}
