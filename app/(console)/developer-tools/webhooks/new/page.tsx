import type { Metadata } from 'next';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { currentActor } from '#app/_doors/current-actor.ts';
import { webhookEndpoints, newEndpoint as words } from '#app/_words/webhooks.ts';
import { EndpointForm } from '#app/(console)/developer-tools/webhooks/new/endpoint-form.tsx';
import { createWebhookEndpoint } from '#core/webhooks/create-webhook-endpoint.ts';
import { eventNames } from '#core/webhooks/endpoint-input.ts';

export const metadata: Metadata = { title: words.title };

export default async function NewWebhookEndpointPage() {
  const actor = await currentActor();
  const { may } = createWebhookEndpoint;
  return (
    <>
      <PageHeader
        above={<TextLink href="/developer-tools/webhooks">{webhookEndpoints.title}</TextLink>}
        title={words.title}
        about={words.about}
      />
      {may.includes(actor.role) ? (
        <EndpointForm eventNames={eventNames} />
      ) : (
        <RoleNotice may={may} role={actor.role} act={words.act} />
      )}
    </>
  );
}
