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

/** Each slot has its own file, so that the value in use is never rewritten for the next one. */
const fileOf = (slot: string) => (slot === 'next' ? `${RECEIVER_FILE}.next` : RECEIVER_FILE);

const readHeld = (file: string): Held | null =>
  fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as Held) : null;

const receive = createWebhookReceiver({
  signingSecret: RECEIVER_SIGNING_SECRET,
  keep: ({ versionId, slot, entries }) => {
    const file = fileOf(slot);
    fs.writeFileSync(`${file}.new`, JSON.stringify({ versionId, entries }), { mode: 0o600 });
    fs.renameSync(`${file}.new`, file);
  },
  held: ({ slot }) => readHeld(fileOf(slot)),
  remove: ({ slot }) => fs.rmSync(fileOf(slot), { force: true }),
});

const server = createServer(receive);
const url = await listenOnLoopback(server, RECEIVER_PORT);
tieToStarter(async () => {
  server.close();
  server.closeAllConnections();
});
console.log(`Webhook receiver (sample) is ready at ${url}`);
sayReady();
