import { CircleSlash, Code, Plus } from 'lucide-react';
import type { Metadata } from 'next';
import Link from 'next/link';
import { Badge } from '#app/_components/badge.tsx';
import { buttonClass } from '#app/_components/button.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { SentenceLink, TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { lastUse, developerTools as words } from '#app/_words/developer-tools.ts';
import { limitedTo } from '#app/_words/limits.ts';
import { roleWord } from '#app/_words/roles.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { type ApiClientLine, listApiClients } from '#core/clients/list-api-clients.ts';

export const metadata: Metadata = { title: words.title };

function Line({ client }: { client: ApiClientLine }) {
  const { id, name, role, signsInWith, liveSecrets, lastUsedAt, revokedAt } = client;
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2 border-line border-t p-4 first:border-t-0 sm:px-5">
      <div className="min-w-0 flex-1 basis-60">
        <TextLink href={`/developer-tools/${id}`} className="font-medium break-words">
          {name}
        </TextLink>
        <p className="text-sm text-quiet">
          {roleWord(role)} · {signsInWith === 'key' ? words.ownKey : words.secrets(liveSecrets)} ·{' '}
          {lastUsedAt === null ? lastUse.never : fill(lastUse.last, { when: <Ago at={lastUsedAt} /> })}
          {limitedTo(client)}
        </p>
      </div>
      {revokedAt !== null && (
        <Badge tone="quiet" icon={CircleSlash}>
          {words.revoked}
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
        title={words.title}
        about={fill(words.about, {
          reference: <SentenceLink href="/developer-tools/reference">{words.reference}</SentenceLink>,
          webhooks: <SentenceLink href="/developer-tools/webhooks">{words.webhooks}</SentenceLink>,
        })}
        actions={
          createApiClient.may.includes(actor.role) && (
            <Link href="/developer-tools/new" className={buttonClass('primary')}>
              <Plus aria-hidden className="size-4" />
              {words.add}
            </Link>
          )
        }
      />
      {!listed.ok && <Notice tone="info">{listed.message}</Notice>}
      {listed.ok && listed.value.length === 0 && (
        <Empty icon={Code} title={words.noneYet}>
          {words.noneYetAbout}
        </Empty>
      )}
      {listed.ok && listed.value.length > 0 && (
        <ul aria-label={words.list} className="rounded-lg border border-line bg-surface shadow-xs">
          {listed.value.map((client) => (
            <Line key={client.id} client={client} />
          ))}
        </ul>
      )}
    </>
  );
}
