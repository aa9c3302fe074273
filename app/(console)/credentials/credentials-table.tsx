import clsx from 'clsx';
import { Age } from '#app/_components/age.tsx';
import { CardCell, CardRow, CardTable } from '#app/_components/card-table.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Ago } from '#app/_components/time.tsx';
import { common } from '#app/_words/common.ts';
import { credentialTable as words } from '#app/_words/credentials.ts';
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
      <CardCell label={words.state} className="xl:min-w-40">
        <CredentialState open={credential.open} state={credential.state} paused={credential.paused} />
      </CardCell>
      <CardCell label={common.environment}>
        <span className="block break-words xl:max-w-28">{environment}</span>
      </CardCell>
      <CardCell label={words.version}>{version === null ? words.noVersion : `v${version}`}</CardCell>
      <CardCell label={words.age}>
        {since === null ? '—' : <Age since={since} allowedSeconds={allowedSeconds} />}
      </CardCell>
      <CardCell label={words.next}>
        <span>
          {nextRotationAt === null ? (
            <span className="text-quiet">{words.notScheduled}</span>
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
      <CardCell label={words.confirmed}>
        <span className="whitespace-nowrap">
          {targets === 0 ? words.noTargets : words.confirmedOf(confirmed, targets)}
        </span>
      </CardCell>
      <CardCell label={words.owner}>
        <span className={clsx('block break-words xl:max-w-28', owner === null && 'text-quiet')}>
          {owner ?? words.nobody}
        </span>
      </CardCell>
    </CardRow>
  );
}

const columns = [
  words.credential,
  words.state,
  common.environment,
  words.version,
  words.age,
  words.next,
  words.confirmed,
  words.owner,
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
    <CardTable caption={words.caption} columns={columns} className="xl:[&_td]:px-3 xl:[&_th]:px-3">
      {credentials.map((credential) => (
        <Row key={credential.id} credential={credential} selectable={selectable} />
      ))}
    </CardTable>
  );
}
