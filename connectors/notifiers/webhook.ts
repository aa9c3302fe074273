import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { NotifierConnector } from '#connectors/contract.ts';
import { exchange } from '#connectors/exchange.ts';
import { signedRequest, signingSecret } from '#connectors/standard-webhook.ts';
import { tlsFields } from '#connectors/tls.ts';

const config = z.object({
  url: z.url({ protocol: /^https?$/ }).meta({ title: 'Address of the receiver' }),
  signingSecret,
  ...tlsFields,
});

/**
 * A receiver of your own over HTTP, signed as Standard Webhooks 1.0 has it: type `notices.sent`, with every notice in
 * full. The `webhook-id` is the same for every sending of the same notices.
 */
export const webhook: NotifierConnector<typeof config> = {
  kind: 'webhook',
  title: 'Signed webhook',
  docs: 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
  needs: 'The signing secret that the receiver checks.',
  proven: { against: 'documented fake', what: 'Standard Webhooks 1.0', on: '2026-11-25' },
  config,
  send: async (call, notices) => {
    const ids = notices.map(({ id }) => id).join(' ');
    const id = `msg_${createHash('sha256').update(ids).digest('hex').slice(0, 32)}`;
    const request = signedRequest(call.config, id, 'notices.sent', { notices });
    await exchange(call, request, {
      ok: [200, 201, 202, 204],
      what: 'Telling the receiver',
      repeatable: true,
    });
  },
};
