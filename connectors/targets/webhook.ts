import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  type Call,
  ConnectorError,
  type Entries,
  type Slot,
  type TargetConnector,
} from '#connectors/contract.ts';
import { exchange } from '#connectors/exchange.ts';
import { signedRequest, signingSecret } from '#connectors/standard-webhook.ts';
import { tlsFields } from '#connectors/tls.ts';
import type { HttpRequest } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { signature } from '#lib/standard-webhook.ts';

const config = z.object({
  url: z.url({ protocol: /^https?$/ }).meta({ title: 'Address of the receiver' }),
  signingSecret,
  ...tlsFields,
});

const place = z.object({
  name: z
    .string()
    .max(200)
    .optional()
    .meta({ title: 'Name', description: 'Sent as `place`, to tell apart places behind one receiver.' }),
});

type WebhookCall = Call<z.output<typeof config>, z.output<typeof place>>;

/** `slot` is left out by receivers that know only of one. */
const held = z.object({
  versionId: z.string().nullable(),
  proof: z.string().nullable(),
  slot: z.string().optional(),
});

type Held = z.output<typeof held>;

/**
 * A receiver over HTTP, signed as Standard Webhooks 1.0 has it. It proves what it holds with
 * base64(HMAC-SHA256(signing secret, versionId + '.' + value)), where the value is the entry's own for one
 * entry, and for several the JSON object of all entries with its keys sorted by UTF-16 code units and no spaces (RFC 8785).
 * What lies in the slot `next` is proven with 'next.' before the version, so that no proof answers for both slots.
 * `clients/node/webhook-receiver.mjs` is a receiver.
 */
export const webhook: TargetConnector<typeof config, typeof place> = {
  kind: 'webhook',
  title: 'Webhook (Standard Webhooks)',
  aliases: ['HTTP', 'own application', 'receiver'],
  docs: 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
  needs: 'The signing secret that the receiver checks.',
  proven: { against: 'real server', what: 'clients/node/webhook-receiver.mjs', on: '2026-11-25' },
  config,
  place,
  can: () => ({
    readBack: 'digest',
    redeploy: 'automatic',
    compareAndSet: false,
    holdsNext: true,
    typicalSeconds: 2,
  }),
  check,
  deliver,
  confirm,
  remove,
  isEmpty,
};

async function check(call: WebhookCall): Promise<void> {
  const request = signed(call, randomUUID(), 'ping', {});
  await exchange(call, request, { ok: [200], what: 'Greeting the receiver', repeatable: true });
}

async function deliver(call: WebhookCall, entries: Entries, slot: Slot): Promise<void> {
  const versionId = versionOf(call);
  // A receiver that knows nothing of slots would keep this as the value in use, so it is asked first.
  if (slot === 'next') await askHeld(call, Object.keys(entries), slot);
  const plain = Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, value.expose()]));
  const id = deliveryId(call, versionId, Object.keys(entries), slot);
  const request = signed(call, id, 'secret.delivered', { versionId, slot, entries: plain });
  const answer = await exchange(call, request, {
    ok: [200],
    schema: held,
    what: 'Delivering to the receiver',
    repeatable: true,
    answerer: 'the receiver',
  });
  if (isHeld(call, answer, entries, slot)) return;
  const sentence =
    'The receiver took the delivery, but its proof does not match: it did not keep the entries, or it has another signing secret. Check the receiver.';
  throw new ConnectorError(sentence, 'never');
}

async function confirm(call: WebhookCall, entries: Entries, slot: Slot): Promise<'live' | 'pending'> {
  const answer = await askHeld(call, Object.keys(entries), slot);
  return isHeld(call, answer, entries, slot) ? 'live' : 'pending';
}

async function remove(call: WebhookCall, keys: readonly string[], slot: 'next'): Promise<void> {
  const request = signed(call, randomUUID(), 'secret.removed', { slot, keys: [...keys].sort() });
  const answer = await exchange(call, request, {
    ok: [200],
    schema: held.partial(),
    what: 'Having the receiver remove the next value',
    repeatable: true,
    answerer: 'the receiver',
  });
  requireSlot(answer.slot, slot);
  if (answer.versionId === null) return;
  const sentence =
    'The receiver was told to remove the next value and still holds one. Check what its `remove` does; the value in use was not touched.';
  throw new ConnectorError(sentence, 'never');
}

async function isEmpty(call: WebhookCall, keys: readonly string[]): Promise<boolean> {
  return (await askHeld(call, keys, 'next')).versionId === null;
}

/** Asks a receiver what it holds in a slot. Throws `ConnectorError` never where it does not know that slot. */
async function askHeld(call: WebhookCall, keys: readonly string[], slot: Slot): Promise<Held> {
  const versionId = versionOf(call);
  const request = signed(call, randomUUID(), 'secret.confirm', { versionId, slot, keys: [...keys].sort() });
  const answer = await exchange(call, request, {
    ok: [200],
    schema: held,
    what: 'Asking the receiver what it holds',
    repeatable: true,
    answerer: 'the receiver',
  });
  if (slot === 'next') requireSlot(answer.slot, slot);
  return answer;
}

function requireSlot(answered: string | undefined, slot: Slot): void {
  if (answered === slot) return;
  const sentence =
    'The receiver holds no next value beside the one in use, and nothing was changed there. Give it the current webhook-receiver.mjs and a `remove` callback.';
  throw new ConnectorError(sentence, 'never');
}

function signed(call: WebhookCall, id: string, type: string, data: object): HttpRequest {
  const { name } = call.place;
  return signedRequest(call.config, id, type, { ...data, ...(name !== undefined && { place: name }) });
}

/** The same for every sending of one version to one place and slot, so that a receiver may drop what it has seen. */
function deliveryId(call: WebhookCall, versionId: string, keys: readonly string[], slot: Slot): string {
  const place = [versionId, call.config.url, call.place.name ?? '', [...keys].sort()];
  const parts = JSON.stringify(slot === 'primary' ? place : [...place, slot]);
  return `msg_${createHash('sha256').update(parts).digest('hex').slice(0, 32)}`;
}

function isHeld(call: WebhookCall, answer: Held, entries: Entries, slot: Slot): boolean {
  const versionId = versionOf(call);
  const proven = `${versionId}.${provenValue(entries)}`;
  const expected = hmac(call, slot === 'primary' ? proven : `${slot}.${proven}`);
  const { proof } = answer;
  return (
    answer.versionId === versionId && proof !== null && new Plaintext(expected).equals(new Plaintext(proof))
  );
}

function provenValue(entries: Entries): string {
  const sorted = Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1));
  const [only, ...more] = sorted;
  if (only !== undefined && more.length === 0) return only[1].expose();
  return `{${sorted.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value.expose())}`).join(',')}}`;
}

function hmac(call: WebhookCall, text: string): string {
  return signature(call.config.signingSecret, text);
}

function versionOf(call: WebhookCall): string {
  if (call.versionId === null)
    throw new ConnectorError('There is no secret version to deliver or confirm.', 'never');
  return call.versionId;
}
