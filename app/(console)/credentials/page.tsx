import { KeyRound } from 'lucide-react';
import type { Metadata } from 'next';
import Link from 'next/link';
import { buttonClass } from '#app/_components/button.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Td, Th } from '#app/_components/table.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { CredentialState } from '#app/(console)/credentials/credential-state.tsx';
import { findSecret } from '#core/credentials/find-secret.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { type CredentialRow, listCredentials } from '#core/credentials/list-credentials.ts';

export const metadata: Metadata = { title: 'Credentials' };

// Where the columns have no room, each row is a card: the head is hidden and every cell carries its own label.
const cell =
  'max-xl:flex max-xl:justify-between max-xl:gap-4 max-xl:p-0 max-xl:text-right max-xl:before:text-left max-xl:before:text-sm max-xl:before:text-quiet max-xl:before:content-[attr(data-label)]';

function Row({ credential }: { credential: CredentialRow }) {
  const { id, name, issuer, environment, version, since, confirmed, targets, nextRotationAt } = credential;
  return (
    <tr className="max-xl:flex max-xl:flex-col max-xl:gap-2 max-xl:rounded-lg max-xl:border max-xl:border-line max-xl:bg-surface max-xl:p-4 max-xl:shadow-xs xl:hover:bg-ground">
      <Td className="max-xl:p-0">
        <TextLink href={`/credentials/${id}`} className="font-semibold break-words">
          {name}
        </TextLink>
      </Td>
      <Td className={cell} data-label="Issuer">
        {issuer}
      </Td>
      <Td className={cell} data-label="Environment">
        {environment}
      </Td>
      <Td className={cell} data-label="Version">
        <span className="whitespace-nowrap">
          {version === null ? 'none' : `v${version}`}
          {since !== null && (
            <span className="text-quiet">
              {' '}
              · <Ago at={since} />
            </span>
          )}
        </span>
      </Td>
      <Td className={cell} data-label="Confirmed">
        <span className="whitespace-nowrap">
          {targets === 0 ? 'no targets' : `${confirmed} of ${targets}`}
        </span>
      </Td>
      <Td className={cell} data-label="Next rotation">
        <span className="whitespace-nowrap">
          {nextRotationAt === null ? (
            <span className="text-quiet">not scheduled</span>
          ) : (
            <Ago at={nextRotationAt} />
          )}
        </span>
      </Td>
      <Td className={cell} data-label="State">
        <CredentialState open={credential.open} />
      </Td>
    </tr>
  );
}

export default async function CredentialsPage() {
  const actor = await currentActor();
  const listed = await ask(() => listCredentials(actor, {}));
  return (
    <>
      <PageHeader
        title="Credentials"
        about="Every secret that Rekey keeps, and where it stands."
        actions={
          <div className="flex flex-wrap gap-2">
            {findSecret.may.includes(actor.role) && (
              <Link href="/look-up" className={buttonClass()}>
                Look up a value
              </Link>
            )}
            {importCredential.may.includes(actor.role) && (
              <Link href="/credentials/new" className={buttonClass()}>
                Import credential
              </Link>
            )}
          </div>
        }
      />
      {!listed.ok && <Notice tone="bad">{listed.message}</Notice>}
      {listed.ok && listed.value.length === 0 && (
        <Empty icon={KeyRound} title="There are no credentials yet.">
          A credential is one thing at an issuer, for example one OAuth client. Import one with its current
          secret, and bind it to the targets that need it; importing rotates nothing.
        </Empty>
      )}
      {listed.ok && listed.value.length > 0 && (
        <table className="w-full max-xl:block xl:border-separate xl:border-spacing-0 xl:rounded-lg xl:border xl:border-line xl:bg-surface xl:shadow-xs">
          <caption className="sr-only">Credentials</caption>
          <thead className="max-xl:sr-only">
            <tr>
              <Th>Credential</Th>
              <Th>Issuer</Th>
              <Th>Environment</Th>
              <Th>Version</Th>
              <Th>Confirmed</Th>
              <Th>Next rotation</Th>
              <Th>State</Th>
            </tr>
          </thead>
          <tbody className="max-xl:grid max-xl:gap-4 md:max-xl:grid-cols-2 xl:[&_td]:border-line xl:[&_td]:border-t">
            {listed.value.map((credential) => (
              <Row key={credential.id} credential={credential} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
