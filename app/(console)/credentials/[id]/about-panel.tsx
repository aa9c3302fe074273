import { Panel } from '#app/_components/panel.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { common } from '#app/_words/common.ts';
import { aboutPanel as words } from '#app/_words/manage-credential.ts';
import { ManageCredential } from '#app/(console)/credentials/[id]/manage-credential.tsx';
import { listAddress } from '#app/(console)/credentials/credentials-filter.tsx';
import type { Actor } from '#core/access/actor.ts';
import { scopeOf } from '#core/access/scope.ts';
import { archiveCredential } from '#core/credentials/archive-credential.ts';
import { changeCredential } from '#core/credentials/change-credential.ts';
import type { CredentialView } from '#core/credentials/read-credential.ts';

/** A word that leads to the credentials that have it too. */
function Listed({ by, word }: { by: 'environment' | 'owner' | 'label'; word: string }) {
  return (
    <TextLink
      href={listAddress({ environment: 'all', [by]: word })}
      title={words.listOf(word)}
      className="[overflow-wrap:anywhere]"
    >
      {word}
    </TextLink>
  );
}

/** Where a credential belongs and who looks after it, and the way to change that or to let go of it. */
export function AboutPanel({
  credential,
  actor,
  isFetched,
}: {
  credential: CredentialView;
  actor: Actor;
  isFetched: boolean;
}) {
  const { id, name, issuer, environment, owner, labels, policy, bindings, openRotationId } = credential;
  const role = actor.kind === 'system' ? null : actor.role;
  const may = (rule: { may: readonly string[] }) => role !== null && rule.may.includes(role);
  return (
    <Panel title={words.title}>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        <dt className="text-quiet">{common.environment}</dt>
        <dd>
          <Listed by="environment" word={environment} />
        </dd>
        <dt className="text-quiet">{words.owner}</dt>
        <dd>{owner === null ? words.noOwner : <Listed by="owner" word={owner} />}</dd>
        <dt className="text-quiet">{words.labels}</dt>
        <dd className="flex flex-wrap gap-x-3">
          {labels.length === 0 && words.noLabels}
          {labels.map((label) => (
            <Listed key={label} by="label" word={label} />
          ))}
        </dd>
      </dl>
      {may(changeCredential) && (
        <ManageCredential
          credential={{ id, name, environment, owner, labels, isLimited: scopeOf(actor) !== null }}
          leaves={
            may(archiveCredential)
              ? { issuer, policy: policy?.name ?? null, bindings: bindings.length, isFetched }
              : null
          }
          isRotating={openRotationId !== null}
        />
      )}
    </Panel>
  );
}
