import { Landmark, Plus } from 'lucide-react';
import type { Metadata } from 'next';
import Link from 'next/link';
import { buttonClass } from '#app/_components/button.tsx';
import { ConfirmButton } from '#app/_components/confirm-button.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { PauseControl } from '#app/_components/pause-control.tsx';
import { RenameButton } from '#app/_components/rename-button.tsx';
import { SettingsLink } from '#app/_components/settings-link.tsx';
import { SystemRow } from '#app/_components/system-row.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { archiveIssuer as archiveWords, issuerList as words } from '#app/_words/issuers.ts';
import { count } from '#app/_words/rotation.ts';
import {
  archiveIssuerAction,
  checkIssuerAction,
  renameIssuerAction,
} from '#app/(console)/issuers/actions.ts';
import { pauseIssuerAction, unpauseIssuerAction } from '#app/(console)/pause-actions.ts';
import { addIssuer } from '#core/issuers/add-issuer.ts';
import { archiveIssuer } from '#core/issuers/archive-issuer.ts';
import { changeIssuer } from '#core/issuers/change-issuer.ts';
import { checkIssuer } from '#core/issuers/check-issuer.ts';
import { listIssuers } from '#core/issuers/list-issuers.ts';
import { pauseIssuer } from '#core/issuers/pause-issuer.ts';

export const metadata: Metadata = { title: words.title };

export default async function IssuersPage() {
  const actor = await currentActor();
  const listed = await ask(() => listIssuers(actor, {}));
  const mayCheck = checkIssuer.may.includes(actor.role);
  return (
    <>
      <PageHeader
        title={words.title}
        about={words.about}
        actions={
          addIssuer.may.includes(actor.role) && (
            <Link href="/issuers/new" className={buttonClass('primary')}>
              <Plus aria-hidden className="size-4" />
              {words.add}
            </Link>
          )
        }
      />
      {!listed.ok && <Notice tone="bad">{listed.message}</Notice>}
      {listed.ok && listed.value.length === 0 && (
        <Empty icon={Landmark} title={words.noneYet}>
          {words.whatOneIs}
        </Empty>
      )}
      {listed.ok && listed.value.length > 0 && (
        <ul aria-label={words.title} className="rounded-lg border border-line bg-surface shadow-xs">
          {listed.value.map((issuer) => (
            <SystemRow
              key={issuer.id}
              system={issuer}
              uses={count(issuer.credentials, 'credential')}
              check={mayCheck ? checkIssuerAction.bind(null, issuer.id) : null}
            >
              {(pauseIssuer.may.includes(actor.role) || archiveIssuer.may.includes(actor.role)) && (
                <div className="flex flex-wrap items-center gap-3">
                  {pauseIssuer.may.includes(actor.role) && (
                    <PauseControl
                      what={issuer.name}
                      paused={issuer.paused}
                      pause={pauseIssuerAction.bind(null, issuer.id)}
                      unpause={unpauseIssuerAction.bind(null, issuer.id)}
                    />
                  )}
                  {changeIssuer.may.includes(actor.role) && (
                    <>
                      <RenameButton name={issuer.name} run={renameIssuerAction.bind(null, issuer.id)} />
                      <SettingsLink of="issuers" system={issuer} />
                    </>
                  )}
                  {archiveIssuer.may.includes(actor.role) && (
                    <ConfirmButton
                      label={archiveWords.open}
                      name={issuer.name}
                      off={issuer.credentials > 0 ? archiveWords.inUse(issuer.credentials) : null}
                      title={archiveWords.title(issuer.name)}
                      about={archiveWords.about}
                      act={archiveWords.confirm}
                      acting={archiveWords.archiving}
                      run={archiveIssuerAction.bind(null, issuer.id)}
                    />
                  )}
                </div>
              )}
            </SystemRow>
          ))}
        </ul>
      )}
    </>
  );
}
