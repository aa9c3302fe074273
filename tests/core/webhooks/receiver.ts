import { Webhook } from 'standardwebhooks';
import { system } from '#core/access/actor.ts';
import { record } from '#core/audit/record.ts';
import { sealEvents } from '#core/evidence/seal-events.ts';
import { createWebhookEndpoint } from '#core/webhooks/create-webhook-endpoint.ts';
import { gatherMessages } from '#core/webhooks/gather-messages.ts';
import { sendMessages, takeEndpoint } from '#core/webhooks/send-messages.ts';
import { db } from '#lib/db.ts';
import { moveTime } from '#tests/support/database.ts';
import { type Loopback, loopback } from '#tests/support/loopback.ts';

export const actor = system('test');

export interface Received {
  readonly id: string;
  readonly headers: Record<string, string>;
  readonly text: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: Record<string, unknown>;
}

export interface Receiver extends Loopback {
  readonly received: Received[];
  /** What it answers; a status, or that and headers. Waits where it is a promise. */
  answer: (message: Received) => number | Promise<number>;
  headers: Record<string, string>;
}

/** A receiver on loopback that keeps what it is sent. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = await loopback(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const message = { ...JSON.parse(text), id: headers['webhook-id'] ?? '', headers, text } as Received;
    received.push(message);
    response.writeHead(await receiver.answer(message), receiver.headers).end();
  });
  const receiver: Receiver = { ...server, received, answer: () => 204, headers: {} };
  return receiver;
}

/** What the published library of Standard Webhooks says to a message: its content, or that it does not verify. */
export function verified(secret: string, { text, headers }: Received): unknown {
  return new Webhook(secret).verify(text, headers);
}

export const isVerified = (secret: string, message: Received) => {
  try {
    verified(secret, message);
    return true;
  } catch {
    return false;
  }
};

export async function addEndpoint(name: string, url: string, events = ['view.*']) {
  const { id, secret } = await createWebhookEndpoint(actor, { name, url, events });
  return { id, secret: secret.expose() };
}

/** An event that changes nothing else. */
export function happen(name: string, action: 'view.created' | 'view.removed' = 'view.created') {
  const id = '00000000-0000-4000-8000-000000000001';
  const who = { kind: 'user' as const, id: 'u1', name: 'Ada' };
  return db().prisma.$transaction((tx) =>
    record(tx, { action, actor: who, address: '192.0.2.7', id, name, query: '' }),
  );
}

export const later = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);

/** What workers do, until nothing is due. */
export async function sweep(): Promise<void> {
  await sealEvents();
  await gatherMessages();
  const { signal } = new AbortController();
  for (let id = await takeEndpoint(); id !== null; id = await takeEndpoint()) {
    await sendMessages(id, signal);
  }
}

export const namesOf = (messages: readonly Received[]) => messages.map(({ data }) => data.name);
