import { createHmac, timingSafeEqual } from 'node:crypto';

const MAX_BYTES = 1_048_576;

/**
 * Wherever `place` is, it is the name of the place in Rekey, which tells apart several behind one receiver; undefined
 * where it has none.
 * @typedef {{ versionId: string, slot: string, entries: Record<string, string>, place?: string }} Delivery
 * @typedef {{ versionId: string, entries: Record<string, string> }} Held
 * @typedef {object} ReceiverOptions
 * @property {string} signingSecret `whsec_` and base64, the same as in Rekey.
 * @property {(delivery: Delivery) => void | Promise<void>} keep Stores the entries where the application reads
 *   them. It returns when they are safe; the same delivery may come again, and keeping it again must be harmless.
 * @property {(question: { slot: string, keys: string[], place?: string }) => Held | null | Promise<Held | null>} held
 *   What the application holds now for these keys in this slot, and of which version; null where it holds nothing.
 * @property {(order: { slot: string, keys: string[], place?: string }) => void | Promise<void>} [remove] Takes these
 *   keys out of the slot `next`; harmless where they are gone. Giving it says that `keep` and `held` tell the slots apart. Without it
 *   only `primary` is received, and nothing of `next` reaches the application.
 * @property {number} [toleranceSeconds] How far a message's clock may be off; 300 unless told.
 */

/**
 * A request listener for `node:http` that receives secrets from Rekey's webhook target. It answers only
 * messages with a right signature and a recent timestamp (Standard Webhooks 1.0), and proves what is held.
 * It logs nothing, and no answer repeats a value.
 *
 * @param {ReceiverOptions} options
 * @returns {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => Promise<void>}
 */
export function createWebhookReceiver({ signingSecret, keep, held, remove, toleranceSeconds = 300 }) {
  const key = signingKey(signingSecret);
  return async (request, response) => {
    try {
      const body = await readBody(request);
      if (body === undefined) return answer(response, 413, { error: 'too_large' }, { connection: 'close' });
      if (!isSigned(key, request.headers, body)) return answer(response, 401, { error: 'invalid_signature' });
      if (!isRecent(request.headers, toleranceSeconds))
        return answer(response, 401, { error: 'stale_timestamp' });
      const { type, data } = JSON.parse(body.toString('utf8'));
      const said = await handle(key, type, data, { keep, held, remove });
      answer(response, said === null ? 422 : 200, said ?? { error: 'slot_not_held' });
    } catch {
      answer(response, 500, { error: 'not_kept' });
    }
  };
}

/** What is answered to a message; null where it would change a slot that this application does not hold. */
async function handle(key, type, data, { keep, held, remove }) {
  const { slot = 'primary', versionId, entries, keys, place } = data;
  const isHeldSlot = slot === 'primary' || (slot === 'next' && remove !== undefined);
  if (type === 'secret.delivered') {
    if (!isHeldSlot) return null;
    await keep({ versionId, slot, entries, place });
    return { slot, versionId, proof: proofOf(key, slot, versionId, entries) };
  }
  if (type === 'secret.removed') {
    if (!isHeldSlot || slot === 'primary') return null;
    await remove({ slot, keys, place });
  }
  if (type !== 'secret.confirm' && type !== 'secret.removed') return {};
  // Without `slot` in the answer, Rekey knows that nothing can be put there.
  if (!isHeldSlot) return { versionId: null, proof: null };
  const now = await held({ slot, keys, place });
  if (now === null) return { slot, versionId: null, proof: null };
  return { slot, versionId: now.versionId, proof: proofOf(key, slot, now.versionId, now.entries) };
}

/** One entry is proven by its value, several by their JSON with sorted keys and no spaces (RFC 8785). */
function proofOf(key, slot, versionId, entries) {
  const names = Object.keys(entries).sort();
  const pairs = names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(entries[name])}`);
  const value = names.length === 1 ? entries[names[0]] : `{${pairs.join(',')}}`;
  const proven = `${versionId}.${value}`;
  const bound = slot === 'primary' ? proven : `${slot}.${proven}`;
  return createHmac('sha256', key).update(bound).digest('base64');
}

function isSigned(key, headers, body) {
  const signed = Buffer.concat([
    Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`),
    body,
  ]);
  const expected = createHmac('sha256', key).update(signed).digest();
  const given = String(headers['webhook-signature'] ?? '').split(' ');
  return given.some((signature) => isSame(expected, signature));
}

function isSame(expected, signature) {
  if (!signature.startsWith('v1,')) return false;
  const bytes = Buffer.from(signature.slice(3), 'base64');
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

function isRecent(headers, toleranceSeconds) {
  const seconds = Number(headers['webhook-timestamp']);
  return Math.abs(Date.now() / 1000 - seconds) <= toleranceSeconds;
}

function signingKey(signingSecret) {
  const bytes = Buffer.from(signingSecret.replace(/^whsec_/, ''), 'base64');
  if (!signingSecret.startsWith('whsec_') || bytes.length < 24) {
    throw new Error('signingSecret must be whsec_ followed by at least 24 bytes in base64.');
  }
  return bytes;
}

async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function answer(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
