import type { Metadata } from 'next';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { currentActor } from '#app/_doors/current-actor.ts';
import { lookUpPage as words } from '#app/_words/look-up.ts';
import { LookUp } from '#app/(console)/look-up/look-up.tsx';
import { findSecret } from '#core/credentials/find-secret.ts';

export const metadata: Metadata = { title: words.title };

export default async function LookUpPage() {
  const actor = await currentActor();
  const may = findSecret.may.includes(actor.role);
  return (
    <>
      <PageHeader
        above={<TextLink href="/credentials">{words.above}</TextLink>}
        title={words.title}
        about={words.about}
      />
      {may ? <LookUp /> : <RoleNotice may={findSecret.may} role={actor.role} act={words.act} />}
    </>
  );
}
