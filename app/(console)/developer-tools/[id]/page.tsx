import type { Metadata } from 'next';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { SentenceLink, TextLink } from '#app/_components/text-link.tsx';
import { Ago, Moment } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { developerTools, lastUse, clientPage as words } from '#app/_words/developer-tools.ts';
import { limitedTo } from '#app/_words/limits.ts';
import { roleWord } from '#app/_words/roles.ts';
import { ChangeClient } from '#app/(console)/developer-tools/[id]/change-client.tsx';
import { RevokeClient } from '#app/(console)/developer-tools/[id]/revoke-client.tsx';
import { RotateSecret } from '#app/(console)/developer-tools/[id]/rotate-secret.tsx';
import { SecretLine } from '#app/(console)/developer-tools/[id]/secret-line.tsx';
import { CopyField } from '#app/(console)/developer-tools/copy-field.tsx';
import { CurlExample } from '#app/(console)/developer-tools/curl-example.tsx';
import { roles } from '#core/access/actor.ts';
import { changeApiClient } from '#core/clients/change-api-client.ts';
import { type ApiClientDetails, readApiClient } from '#core/clients/read-api-client.ts';
import { env } from '#lib/env.ts';

export const metadata: Metadata = { title: words.title };

function About({ client }: { client: ApiClientDetails }) {
  return (
    <>
      {roleWord(client.role)} ·{' '}
      {fill(words.added, { when: <Ago at={client.createdAt} />, who: client.createdBy })} ·{' '}
      {client.lastUsedAt === null
        ? lastUse.never
        : fill(lastUse.last, { when: <Ago at={client.lastUsedAt} /> })}
      {limitedTo(client)}
    </>
  );
}

function Standing({ client }: { client: ApiClientDetails }) {
  if (client.revokedAt !== null) {
    return <Notice tone="info">{fill(words.revoked, { when: <Moment at={client.revokedAt} /> })}</Notice>;
  }
  if (client.credentialId !== null) {
    return (
      <Notice tone="info">
        {fill(words.rotatedByRekey, {
          credential: (
            <SentenceLink href={`/credentials/${client.credentialId}`}>{client.credential}</SentenceLink>
          ),
        })}
      </Notice>
    );
  }
  return null;
}

function Secrets({ client, mayEnd }: { client: ApiClientDetails; mayEnd: boolean }) {
  if (client.keyIds !== null) {
    return (
      <Panel title={words.publicKeys}>
        <p className="text-sm text-quiet">{words.publicKeysAbout(client.keyIds.join(', '))}</p>
      </Panel>
    );
  }
  return (
    <Panel title={words.secrets} flush>
      <ul aria-label={words.secrets}>
        {client.secrets.map((secret) => (
          <SecretLine key={secret.id} clientId={client.id} secret={secret} mayEnd={mayEnd} />
        ))}
      </ul>
    </Panel>
  );
}

export default async function ApiClientPage({ params }: PageProps<'/developer-tools/[id]'>) {
  const actor = await currentActor();
  const { id: clientId } = await params;
  const asked = await ask(() => readApiClient(actor, { clientId }));
  if (!asked.ok) {
    return <Notice tone="info">{asked.message}</Notice>;
  }
  const client = asked.value;
  const mayChange = changeApiClient.may.includes(actor.role) && client.revokedAt === null;
  const mayRotate = mayChange && client.credentialId === null;
  return (
    <>
      <PageHeader
        above={<TextLink href="/developer-tools">{developerTools.title}</TextLink>}
        title={client.name}
        about={<About client={client} />}
        actions={
          mayRotate && client.keyIds === null && <RotateSecret clientId={client.id} name={client.name} />
        }
      />
      <div className="flex max-w-4xl flex-col gap-6">
        <Standing client={client} />
        <CopyField label={words.clientId} value={client.id} />
        <Secrets client={client} mayEnd={mayRotate} />
        {client.revokedAt === null && client.keyIds === null && (
          <CurlExample origin={env().REKEY_URL.origin} clientId={client.id} />
        )}
        {mayChange && <ChangeClient client={client} roles={roles} />}
        {mayChange && <RevokeClient clientId={client.id} name={client.name} />}
      </div>
    </>
  );
}
