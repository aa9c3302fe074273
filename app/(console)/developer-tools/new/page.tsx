import type { Metadata } from 'next';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { currentActor } from '#app/_doors/current-actor.ts';
import { developerTools, newClient as words } from '#app/_words/developer-tools.ts';
import { ClientForm } from '#app/(console)/developer-tools/new/client-form.tsx';
import { roles } from '#core/access/actor.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';

export const metadata: Metadata = { title: words.title };

export default async function NewApiClientPage() {
  const actor = await currentActor();
  const may = createApiClient.may.includes(actor.role);
  return (
    <>
      <PageHeader
        above={<TextLink href="/developer-tools">{developerTools.title}</TextLink>}
        title={words.title}
        about={words.about}
      />
      {may ? (
        <ClientForm roles={roles} />
      ) : (
        <RoleNotice may={createApiClient.may} role={actor.role} act={words.act} />
      )}
    </>
  );
}
