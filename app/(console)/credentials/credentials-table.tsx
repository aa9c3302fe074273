import clsx from 'clsx';
import { Age } from '#app/_components/age.tsx';
import { Td, Th } from '#app/_components/table.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { ChooseRow } from '#app/(console)/credentials/bulk/selection.tsx';
import { CredentialState } from '#app/(console)/credentials/credential-state.tsx';
import type { FoundCredential } from '#core/credentials/search-credentials.ts';

// Where the columns have no room, each row is a card: the head is hidden and every cell carries its own label.
const cell =
  'max-xl:flex max-xl:justify-between max-xl:gap-4 max-xl:p-0 max-xl:text-right max-xl:before:text-left max-xl:before:text-sm max-xl:before:text-quiet max-xl:before:content-[attr(data-label)]';

function Row({ credential, selectable }: { credential: FoundCredential; selectable: boolean }) {
  const { id, name, issuer, environment, labels, owner, version, since, confirmed, targets } = credential;
  const { nextRotationAt, allowedSeconds, policy } = credential;
  return (
    <tr className="max-xl:flex max-xl:flex-col max-xl:gap-2 max-xl:rounded-lg max-xl:border max-xl:border-line max-xl:bg-surface max-xl:p-4 max-xl:shadow-xs xl:hover:bg-ground">
      <Td className="max-xl:p-0 xl:min-w-52">
        <span className="flex items-start gap-3">
          {selectable && <ChooseRow id={id} name={name} />}
          <span className="min-w-0">
            <TextLink
              href={`/credentials/${id}`}
              data-row
              className="font-semibold [overflow-wrap:anywhere] scroll-mt-24 scroll-mb-24"
            >
              {name}
            </TextLink>
            <span className="block text-sm [overflow-wrap:anywhere] text-quiet">
              {issuer}
              {labels.length > 0 && ` · ${labels.join(', ')}`}
            </span>
          </span>
        </span>
      </Td>
      <Td className={clsx(cell, 'xl:min-w-40')} data-label="State">
        <CredentialState open={credential.open} state={credential.state} paused={credential.paused} />
      </Td>
      <Td className={cell} data-label="Environment">
        <span className="block break-words xl:max-w-28">{environment}</span>
      </Td>
      <Td className={cell} data-label="Version">
        {version === null ? 'none' : `v${version}`}
      </Td>
      <Td className={cell} data-label="Age">
        {since === null ? '—' : <Age since={since} allowedSeconds={allowedSeconds} />}
      </Td>
      <Td className={cell} data-label="Next rotation">
        <span>
          {nextRotationAt === null ? (
            <span className="text-quiet">not scheduled</span>
          ) : (
            <span className="whitespace-nowrap">
              <Ago at={nextRotationAt} />
            </span>
          )}
          {policy !== null && (
            <span className="block text-sm [overflow-wrap:anywhere] text-quiet">{policy}</span>
          )}
        </span>
      </Td>
      <Td className={cell} data-label="Confirmed">
        <span className="whitespace-nowrap">
          {targets === 0 ? 'no targets' : `${confirmed} of ${targets}`}
        </span>
      </Td>
      <Td className={cell} data-label="Owner">
        <span className={clsx('block break-words xl:max-w-28', owner === null && 'text-quiet')}>
          {owner ?? 'nobody'}
        </span>
      </Td>
    </tr>
  );
}

/** A page of credentials: a table where there is room, cards where there is not. Rows are chosen where that leads somewhere. */
export function CredentialsTable({
  credentials,
  selectable,
}: {
  credentials: readonly FoundCredential[];
  selectable: boolean;
}) {
  return (
    <table className="w-full max-xl:block xl:[&_td]:px-3 xl:[&_th]:px-3 xl:border-separate xl:border-spacing-0 xl:rounded-lg xl:border xl:border-line xl:bg-surface xl:shadow-xs">
      <caption className="sr-only">Credentials</caption>
      <thead className="max-xl:sr-only">
        <tr>
          <Th>Credential</Th>
          <Th>State</Th>
          <Th>Environment</Th>
          <Th>Version</Th>
          <Th>Age</Th>
          <Th>Next rotation</Th>
          <Th>Confirmed</Th>
          <Th>Owner</Th>
        </tr>
      </thead>
      <tbody className="max-xl:grid max-xl:gap-4 md:max-xl:grid-cols-2 xl:[&_td]:border-line xl:[&_td]:border-t">
        {credentials.map((credential) => (
          <Row key={credential.id} credential={credential} selectable={selectable} />
        ))}
      </tbody>
    </table>
  );
}
