import { randomBytes } from 'node:crypto';
import { createWebhookReceiver } from '#clients/node/webhook-receiver.mjs';
import { loopback } from '#tests/support/loopback.ts';
import type { TargetWorld } from './world.ts';

export async function webhookWorld(): Promise<TargetWorld> {
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
