import type { Metadata } from 'next';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago, Moment } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import {
  endpointProgress as progress,
  webhookEndpoints,
  endpointPage as words,
} from '#app/_words/webhooks.ts';
import { ChangeEndpoint } from '#app/(console)/developer-tools/webhooks/[id]/change-endpoint.tsx';
import { EndpointActions } from '#app/(console)/developer-tools/webhooks/[id]/endpoint-actions.tsx';
import { Messages, PAGE, shownState } from '#app/(console)/developer-tools/webhooks/[id]/messages.tsx';
import { ReplaySince } from '#app/(console)/developer-tools/webhooks/[id]/replay-since.tsx';
import { Secrets } from '#app/(console)/developer-tools/webhooks/[id]/secrets.tsx';
import { EndpointState } from '#app/(console)/developer-tools/webhooks/endpoint-state.tsx';
import { changeWebhookEndpoint } from '#core/webhooks/change-webhook-endpoint.ts';
import { eventNames } from '#core/webhooks/endpoint-input.ts';
import { listWebhookMessages } from '#core/webhooks/list-webhook-messages.ts';
import { readWebhookEndpoint, type WebhookEndpointDetails } from '#core/webhooks/read-webhook-endpoint.ts';

export const metadata: Metadata = { title: words.title };

function About({ endpoint: { url, events, sentAt, waiting } }: { endpoint: WebhookEndpointDetails }) {
  return (
    <>
      <span className="break-all">{url}</span> · {events.join(', ')} ·{' '}
      {sentAt === null ? progress.nothingSent : fill(progress.lastSent, { when: <Ago at={sentAt} /> })}
      {waiting > 0 && ` · ${progress.toBeSent(waiting)}`}
    </>
  );
}

function Standing({ endpoint }: { endpoint: WebhookEndpointDetails }) {
  const { enabled, offAt, offBecause, failingSince, error } = endpoint;
  if (!enabled) {
    return (
      <Notice tone={offBecause === null ? 'info' : 'warn'}>
        {fill(words.off[offBecause ?? 'person'], { when: offAt !== null && <Moment at={offAt} /> })}{' '}
        {words.offAbout}
      </Notice>
    );
  }
  return failingSince === null ? null : (
    <Notice tone="warn">{fill(words.failing, { when: <Moment at={failingSince} />, error })}</Notice>
  );
}

export default async function WebhookEndpointPage({
  params,
  searchParams,
}: PageProps<'/developer-tools/webhooks/[id]'>) {
  const actor = await currentActor();
  const { id: endpointId } = await params;
  const { state, after } = await searchParams;
  const shown = shownState(state);
  const wish = {
    endpointId,
    limit: PAGE + 1,
    ...(shown === undefined ? {} : { state: shown }),
    ...(typeof after === 'string' ? { after } : {}),
  };
  const asked = await ask(() => readWebhookEndpoint(actor, { endpointId }));
  const messages = await ask(() => listWebhookMessages(actor, wish));
  if (!asked.ok) {
    return <Notice tone="info">{asked.message}</Notice>;
  }
  const endpoint = asked.value;
  const may = changeWebhookEndpoint.may.includes(actor.role);
  return (
    <>
      <PageHeader
        above={<TextLink href="/developer-tools/webhooks">{webhookEndpoints.title}</TextLink>}
        title={endpoint.name}
        about={<About endpoint={endpoint} />}
        actions={<EndpointState endpoint={endpoint} />}
      />
      <div className="flex max-w-4xl flex-col gap-6">
        <Standing endpoint={endpoint} />
        {may && <EndpointActions endpointId={endpointId} enabled={endpoint.enabled} />}
        {messages.ok ? (
          <Messages
            endpointId={endpointId}
            messages={messages.value}
            shown={shown}
            mayReplay={may && endpoint.enabled}
          />
        ) : (
          <Notice tone="info">{messages.message}</Notice>
        )}
        {may && endpoint.enabled && <ReplaySince endpointId={endpointId} />}
        <Secrets endpoint={endpoint} mayRoll={may} />
        {may && <ChangeEndpoint endpoint={endpoint} eventNames={eventNames} />}
      </div>
    </>
  );
}
