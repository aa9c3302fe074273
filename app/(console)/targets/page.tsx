import { Inbox, Plus } from 'lucide-react';
import type { Metadata } from 'next';
import Link from 'next/link';
import { buttonClass } from '#app/_components/button.tsx';
import { ConfirmButton } from '#app/_components/confirm-button.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { RenameButton } from '#app/_components/rename-button.tsx';
import { SettingsLink } from '#app/_components/settings-link.tsx';
import { SystemRow } from '#app/_components/system-row.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { count } from '#app/_words/rotation.ts';
import { archiveTarget as archiveWords, targetList as words } from '#app/_words/targets.ts';
import {
  archiveTargetAction,
  checkTargetAction,
  renameTargetAction,
} from '#app/(console)/targets/actions.ts';
import { addTarget } from '#core/targets/add-target.ts';
import { archiveTarget } from '#core/targets/archive-target.ts';
import { changeTarget } from '#core/targets/change-target.ts';
import { checkTarget } from '#core/targets/check-target.ts';
import { listTargets } from '#core/targets/list-targets.ts';

export const metadata: Metadata = { title: words.title };

export default async function TargetsPage() {
  const actor = await currentActor();
  const listed = await ask(() => listTargets(actor, {}));
  const mayCheck = checkTarget.may.includes(actor.role);
  return (
    <>
      <PageHeader
        title={words.title}
        about={words.about}
        actions={
          addTarget.may.includes(actor.role) && (
            <Link href="/targets/new" className={buttonClass('primary')}>
              <Plus aria-hidden className="size-4" />
              {words.add}
            </Link>
          )
        }
      />
      {!listed.ok && <Notice tone="bad">{listed.message}</Notice>}
      {listed.ok && listed.value.length === 0 && (
        <Empty icon={Inbox} title={words.noneYet}>
          {words.whatOneIs}
        </Empty>
      )}
      {listed.ok && listed.value.length > 0 && (
        <ul aria-label={words.title} className="rounded-lg border border-line bg-surface shadow-xs">
          {listed.value.map((target) => (
            <SystemRow
              key={target.id}
              system={target}
              uses={count(target.bindings, 'binding')}
              check={mayCheck ? checkTargetAction.bind(null, target.id) : null}
            >
              {archiveTarget.may.includes(actor.role) && (
                <div className="flex flex-wrap items-center gap-3">
                  {changeTarget.may.includes(actor.role) && (
                    <>
                      <RenameButton name={target.name} run={renameTargetAction.bind(null, target.id)} />
                      <SettingsLink of="targets" system={target} />
                    </>
                  )}
                  <ConfirmButton
                    label={archiveWords.open}
                    name={target.name}
                    off={target.bindings > 0 ? archiveWords.inUse(target.bindings) : null}
                    title={archiveWords.title(target.name)}
                    about={archiveWords.about}
                    act={archiveWords.confirm}
                    acting={archiveWords.archiving}
                    run={archiveTargetAction.bind(null, target.id)}
                  />
                </div>
              )}
            </SystemRow>
          ))}
        </ul>
      )}
    </>
  );
}
