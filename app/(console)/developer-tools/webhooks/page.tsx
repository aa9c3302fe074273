import { Plus, Webhook } from 'lucide-react';
import type { Metadata } from 'next';
import Link from 'next/link';
import { buttonClass } from '#app/_components/button.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { developerTools } from '#app/_words/developer-tools.ts';
import { endpointProgress as progress, webhookEndpoints as words } from '#app/_words/webhooks.ts';
import { EndpointState } from '#app/(console)/developer-tools/webhooks/endpoint-state.tsx';
import { createWebhookEndpoint } from '#core/webhooks/create-webhook-endpoint.ts';
import { listWebhookEndpoints, type WebhookEndpointLine } from '#core/webhooks/list-webhook-endpoints.ts';

export const metadata: Metadata = { title: words.title };

function Line({ endpoint }: { endpoint: WebhookEndpointLine }) {
  const { id, name, url, events, sentAt, waiting } = endpoint;
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-2 border-line border-t p-4 first:border-t-0 sm:px-5">
      <div className="min-w-0 flex-1 basis-60">
        <TextLink href={`/developer-tools/webhooks/${id}`} className="font-medium break-words">
          {name}
        </TextLink>
        <p className="text-sm break-all text-quiet">{url}</p>
        <p className="text-sm break-words text-quiet">
          {events.join(', ')} ·{' '}
          {sentAt === null ? progress.nothingSent : fill(progress.lastSent, { when: <Ago at={sentAt} /> })}
          {waiting > 0 && ` · ${progress.toBeSent(waiting)}`}
        </p>
      </div>
      <EndpointState endpoint={endpoint} />
    </li>
  );
}

export default async function WebhookEndpointsPage() {
  const actor = await currentActor();
  const listed = await ask(() => listWebhookEndpoints(actor, {}));
  return (
    <>
      <PageHeader
        above={<TextLink href="/developer-tools">{developerTools.title}</TextLink>}
        title={words.title}
        about={words.about}
        actions={
          createWebhookEndpoint.may.includes(actor.role) && (
            <Link href="/developer-tools/webhooks/new" className={buttonClass('primary')}>
              <Plus aria-hidden className="size-4" />
              {words.add}
            </Link>
          )
        }
      />
      {!listed.ok && <Notice tone="info">{listed.message}</Notice>}
      {listed.ok && listed.value.length === 0 && (
        <Empty icon={Webhook} title={words.noneYet}>
          {words.noneYetAbout}
        </Empty>
      )}
      {listed.ok && listed.value.length > 0 && (
        <ul aria-label={words.title} className="rounded-lg border border-line bg-surface shadow-xs">
          {listed.value.map((endpoint) => (
            <Line key={endpoint.id} endpoint={endpoint} />
          ))}
        </ul>
      )}
    </>
  );
}
