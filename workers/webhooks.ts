import { isAtRest } from '#core/backup/is-at-rest.ts';
import { MOST_ENDPOINTS } from '#core/webhooks/endpoint-input.ts';
import { gatherMessages } from '#core/webhooks/gather-messages.ts';
import { sendMessages, takeEndpoint } from '#core/webhooks/send-messages.ts';
import { log } from '#lib/log.ts';
import { repeat } from '#workers/repeat.ts';

/**
 * Sends messages to webhook endpoints, each in a lane of its own, so that one that answers slowly delays no other. Nothing is
 * kept here that another worker would need: what is due, and to whom a worker sends, stands in Postgres.
 *
 * `stop` begins nothing more and lets go of what is under way; it is sent again.
 */
export function sendWebhooks(everyMs = 500): { stop(): Promise<void> } {
  const lanes = new Set<Promise<void>>();
  const end = new AbortController();

  async function answer(endpointId: string): Promise<void> {
    try {
      await sendMessages(endpointId, end.signal);
    } catch (error) {
      // The endpoint is free again in half a minute.
      log.error({ err: error, endpointId }, 'messages could not be sent to a webhook endpoint');
    }
  }

  async function fillLanes(): Promise<void> {
    // A restored database sends nothing that was sent before it was backed up.
    if (await isAtRest()) {
      return;
    }
    await gatherMessages();
    while (lanes.size < MOST_ENDPOINTS && !end.signal.aborted) {
      const endpointId = await takeEndpoint();
      if (endpointId === null) {
        return;
      }
      const lane = answer(endpointId).finally(() => lanes.delete(lane));
      lanes.add(lane);
    }
  }

  const timer = repeat('webhooks', everyMs, fillLanes);
  return {
    stop: async () => {
      end.abort();
      await timer.stop();
      await Promise.all(lanes);
    },
  };
}
