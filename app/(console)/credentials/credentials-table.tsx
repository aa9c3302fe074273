import clsx from 'clsx';
import { Age } from '#app/_components/age.tsx';
import { CardCell, CardRow, CardTable, InPlaceOfSpare } from '#app/_components/card-table.tsx';
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
  const versionWord = version === null ? words.noVersion : `v${version}`;
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
            <InPlaceOfSpare>
              {[environment, versionWord, owner].filter((one) => one !== null).join(' · ')}
            </InPlaceOfSpare>
          </span>
        </span>
      }
    >
      <CardCell label={words.state} className="@table:min-w-32 @whole:min-w-40">
        <CredentialState open={credential.open} state={credential.state} paused={credential.paused} />
      </CardCell>
      <CardCell label={common.environment} spare>
        <span className="block break-words @table:max-w-28">{environment}</span>
      </CardCell>
      <CardCell label={words.version} spare>
        {versionWord}
      </CardCell>
      <CardCell label={words.age}>
        {since === null ? '—' : <Age since={since} allowedSeconds={allowedSeconds} />}
      </CardCell>
      <CardCell label={words.next}>
        <span>
          {nextRotationAt === null ? (
            <span className="whitespace-nowrap text-quiet">{words.notScheduled}</span>
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
      <CardCell label={words.owner} spare>
        <span className={clsx('block break-words @table:max-w-28', owner === null && 'text-quiet')}>
          {owner ?? words.nobody}
        </span>
      </CardCell>
    </CardRow>
  );
}

const columns = [
  { name: words.credential },
  { name: words.state },
  { name: common.environment, spare: true },
  { name: words.version, spare: true },
  { name: words.age },
  { name: words.next },
  { name: words.confirmed },
  { name: words.owner, spare: true },
];

/** A page of credentials: a table where there is room, cards on a phone. Rows are chosen where that leads somewhere. */
export function CredentialsTable({
  credentials,
  selectable,
}: {
  credentials: readonly FoundCredential[];
  selectable: boolean;
}) {
  return (
    <CardTable caption={words.caption} columns={columns}>
      {credentials.map((credential) => (
        <Row key={credential.id} credential={credential} selectable={selectable} />
      ))}
    </CardTable>
  );
}
