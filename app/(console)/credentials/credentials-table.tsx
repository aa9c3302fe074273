import clsx from 'clsx';
import { Age } from '#app/_components/age.tsx';
import { CardCell, CardRow, CardTable } from '#app/_components/card-table.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { ChooseRow } from '#app/(console)/credentials/bulk/selection.tsx';
import { CredentialState } from '#app/(console)/credentials/credential-state.tsx';
import type { FoundCredential } from '#core/credentials/search-credentials.ts';

function Row({ credential, selectable }: { credential: FoundCredential; selectable: boolean }) {
  const { id, name, issuer, environment, labels, owner, version, since, confirmed, targets } = credential;
  const { nextRotationAt, allowedSeconds, policy } = credential;
  return (
    <CardRow
      about={
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
      }
    >
      <CardCell label="State" className="xl:min-w-40">
        <CredentialState open={credential.open} state={credential.state} paused={credential.paused} />
      </CardCell>
      <CardCell label="Environment">
        <span className="block break-words xl:max-w-28">{environment}</span>
      </CardCell>
      <CardCell label="Version">{version === null ? 'none' : `v${version}`}</CardCell>
      <CardCell label="Age">
        {since === null ? '—' : <Age since={since} allowedSeconds={allowedSeconds} />}
      </CardCell>
      <CardCell label="Next rotation">
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
      </CardCell>
      <CardCell label="Confirmed">
        <span className="whitespace-nowrap">
          {targets === 0 ? 'no targets' : `${confirmed} of ${targets}`}
        </span>
      </CardCell>
      <CardCell label="Owner">
        <span className={clsx('block break-words xl:max-w-28', owner === null && 'text-quiet')}>
          {owner ?? 'nobody'}
        </span>
      </CardCell>
    </CardRow>
  );
}

const columns = [
  'Credential',
  'State',
  'Environment',
  'Version',
  'Age',
  'Next rotation',
  'Confirmed',
  'Owner',
];

/** A page of credentials: a table where there is room, cards where there is not. Rows are chosen where that leads somewhere. */
export function CredentialsTable({
  credentials,
  selectable,
}: {
  credentials: readonly FoundCredential[];
  selectable: boolean;
}) {
  return (
    <CardTable caption="Credentials" columns={columns} className="xl:[&_td]:px-3 xl:[&_th]:px-3">
      {credentials.map((credential) => (
        <Row key={credential.id} credential={credential} selectable={selectable} />
      ))}
    </CardTable>
  );
}
