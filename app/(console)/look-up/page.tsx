import type { Metadata } from 'next';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RoleNotice } from '#app/_components/role-notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { currentActor } from '#app/_doors/current-actor.ts';
import { LookUp } from '#app/(console)/look-up/look-up.tsx';
import { findSecret } from '#core/credentials/find-secret.ts';

export const metadata: Metadata = { title: 'Look up a value' };

export default async function LookUpPage() {
  const actor = await currentActor();
  const may = findSecret.may.includes(actor.role);
  return (
    <>
      <PageHeader
        above={<TextLink href="/credentials">Credentials</TextLink>}
        title="Look up a value"
        about="A secret turned up where it should not be? Paste it, or the lines around it, and see whose it is."
      />
      {may ? <LookUp /> : <RoleNotice may={findSecret.may} role={actor.role} act="look up a value" />}
    </>
  );
}
