import fs from 'node:fs';
import { createServer } from 'node:http';
import { z } from 'zod';
import { createWebhookReceiver } from '#clients/node/webhook-receiver.mjs';
import { portText, readEnvironment } from '#demo/read-environment.ts';
import { listenOnLoopback } from '#demo/reply.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';

/* A small application that takes its secrets by webhook, with the receiver that any application may use. */

const { RECEIVER_PORT, RECEIVER_FILE, RECEIVER_SIGNING_SECRET } = readEnvironment(
  z.object({
    RECEIVER_PORT: portText,
    RECEIVER_FILE: z.string().min(1),
    RECEIVER_SIGNING_SECRET: z.string().min(1),
  }),
);

interface Held {
  versionId: string;
  entries: Record<string, string>;
}

const readHeld = (): Held | null =>
  fs.existsSync(RECEIVER_FILE) ? (JSON.parse(fs.readFileSync(RECEIVER_FILE, 'utf8')) as Held) : null;

const receive = createWebhookReceiver({
  signingSecret: RECEIVER_SIGNING_SECRET,
  keep: ({ versionId, entries }) => {
    const next = `${RECEIVER_FILE}.new`;
    fs.writeFileSync(next, JSON.stringify({ versionId, entries }), { mode: 0o600 });
    fs.renameSync(next, RECEIVER_FILE);
  },
  held: readHeld,
});

const server = createServer(receive);
const url = await listenOnLoopback(server, RECEIVER_PORT);
tieToStarter(async () => {
  server.close();
  server.closeAllConnections();
});
console.log(`Webhook receiver (sample) is ready at ${url}`);
sayReady();
