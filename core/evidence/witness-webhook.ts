import { sign } from 'node:crypto';
import { checkpointHash } from '#core/audit/checkpoint.ts';
import { auditKey } from '#core/audit/signing-key.ts';
import type { Witness } from '#core/evidence/witness.ts';
import { outside } from '#core/outside/guarded-http.ts';

/**
 * Posts checkpoints to an address, signed with the audit key as Standard Webhooks 1.0 has it for Ed25519 (`v1a`). It is told
 * and cannot be asked: whoever keeps what it was sent compares it with `rekey audit verify --witness FILE`.
 */
export function webhookWitness(url: URL): Witness {
  return {
    name: `Webhook (${url.host})`,
    kind: 'remote',
    everyMs: 1000,
    tell: async (checkpoint) => {
      const key = auditKey();
      const now = new Date();
      const id = `checkpoint_${checkpoint.n}_${checkpointHash(checkpoint).slice(0, 16)}`;
      const timestamp = String(Math.floor(now.getTime() / 1000));
      const data = { ...checkpoint, publicKey: key.raw.toString('hex') };
      const body = JSON.stringify({ type: 'audit.checkpoint', timestamp: now.toISOString(), data });
      const signed = sign(null, Buffer.from(`${id}.${timestamp}.${body}`), key.privateKey);
      const { status } = await outside().http.request({
        method: 'POST',
        url: url.href,
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': `v1a,${signed.toString('base64')}`,
        },
        body,
      });
      if (status < 200 || status > 299) throw new Error(`It answered ${status}.`);
    },
  };
}
