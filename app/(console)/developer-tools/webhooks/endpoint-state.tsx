import { CircleCheck, CircleSlash, TriangleAlert } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { endpointState as words } from '#app/_words/webhooks.ts';
import type { WebhookEndpointLine } from '#core/webhooks/list-webhook-endpoints.ts';

/** Whether events go through to an endpoint, as an icon and a word. */
export function EndpointState({
  endpoint: { enabled, offBecause, failingSince },
}: {
  endpoint: Pick<WebhookEndpointLine, 'enabled' | 'offBecause' | 'failingSince'>;
}) {
  if (!enabled) {
    return (
      <Badge tone={offBecause === null ? 'quiet' : 'bad'} icon={CircleSlash}>
        {offBecause === null ? words.off : words.offByRekey}
      </Badge>
    );
  }
  return failingSince === null ? (
    <Badge tone="good" icon={CircleCheck}>
      {words.on}
    </Badge>
  ) : (
    <Badge tone="warn" icon={TriangleAlert}>
      {words.failing}
    </Badge>
  );
}
