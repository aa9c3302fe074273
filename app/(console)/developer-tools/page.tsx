import { CircleSlash, Code, Plus } from 'lucide-react';
import type { Metadata } from 'next';
import Link from 'next/link';
import { Badge } from '#app/_components/badge.tsx';
import { buttonClass } from '#app/_components/button.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { count } from '#app/_words/rotation.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { type ApiClientLine, listApiClients } from '#core/clients/list-api-clients.ts';

export const metadata: Metadata = { title: 'Developer tools' };

function Line({ client }: { client: ApiClientLine }) {
  const { id, name, role, signsInWith, liveSecrets, lastUsedAt, revokedAt } = client;
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2 border-line border-t p-4 first:border-t-0 sm:px-5">
      <div className="min-w-0 flex-1 basis-60">
        <TextLink href={`/developer-tools/${id}`} className="font-medium break-words">
          {name}
        </TextLink>
        <p className="text-sm text-quiet">
          {role} · {signsInWith === 'key' ? 'a key of its own' : count(liveSecrets, 'secret')} ·{' '}
          {lastUsedAt === null ? (
            'never used'
          ) : (
            <>
              last used <Ago at={lastUsedAt} />
            </>
          )}
        </p>
      </div>
      {revokedAt !== null && (
        <Badge tone="quiet" icon={CircleSlash}>
          Revoked
        </Badge>
      )}
    </li>
  );
}

export default async function DeveloperToolsPage() {
  const actor = await currentActor();
  const listed = await ask(() => listApiClients(actor, {}));
  return (
    <>
      <PageHeader
        title="Developer tools"
        about={
          <>
            API clients: programs that use Rekey's own API, with access tokens they get for a secret or a key.
            What they can ask for is in the{' '}
            <TextLink href="/developer-tools/reference">API reference</TextLink>. Programs that are told what
            happens here are <TextLink href="/developer-tools/webhooks">webhook endpoints</TextLink>.
          </>
        }
        actions={
          createApiClient.may.includes(actor.role) && (
            <Link href="/developer-tools/new" className={buttonClass('primary')}>
              <Plus aria-hidden className="size-4" />
              Add a client
            </Link>
          )
        }
      />
      {!listed.ok && <Notice tone="info">{listed.message}</Notice>}
      {listed.ok && listed.value.length === 0 && (
        <Empty icon={Code} title="No program uses the API yet.">
          An API client gets an id and a secret, and with them access tokens that live for ten minutes.
        </Empty>
      )}
      {listed.ok && listed.value.length > 0 && (
        <ul aria-label="API clients" className="rounded-lg border border-line bg-surface shadow-xs">
          {listed.value.map((client) => (
            <Line key={client.id} client={client} />
          ))}
        </ul>
      )}
    </>
  );
}
