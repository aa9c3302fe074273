import { CircleCheck, Download, Pause } from 'lucide-react';
import type { Metadata } from 'next';
import Link from 'next/link';
import { Badge } from '#app/_components/badge.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { Ago } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { afterRestorePage as words } from '#app/_words/settings.ts';
import { Resume } from '#app/(console)/settings/after-restore/resume.tsx';
import type { ListItem } from '#core/backup/list-item.ts';
import { readRestoration } from '#core/backup/read-restoration.ts';

export const metadata: Metadata = { title: words.title };

const outcomes = {
  same: { tone: 'good', icon: CircleCheck },
  imported: { tone: 'good', icon: Download },
  unproven: { tone: 'warn', icon: Pause },
} as const;

function Line({ item }: { item: ListItem }) {
  const { credentialId, credential, issuer, outcome, sentence, targets } = item;
  const { tone, icon } = outcomes[outcome];
  return (
    <li className="border-line border-t px-4 py-3 sm:px-5">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Link href={`/credentials/${credentialId}`} className="font-medium underline underline-offset-2">
          {credential}
        </Link>
        <Badge tone={tone} icon={icon}>
          {words[outcome]}
        </Badge>
        <span className="text-sm text-quiet">{issuer}</span>
      </p>
      <p className="mt-1 [overflow-wrap:anywhere]">{sentence}</p>
      <p className="text-sm [overflow-wrap:anywhere] text-quiet">
        {targets.map(({ target, holds }) => `${target} ${holds}`).join('; ')}
      </p>
    </li>
  );
}

export default async function AfterRestorePage() {
  const actor = await currentActor();
  const read = await ask(() => readRestoration(actor, {}));
  const found = read.ok ? read.value : null;
  // What stays paused is what there is to do.
  const list = (found?.list ?? []).toSorted(
    (a, b) => Number(b.outcome === 'unproven') - Number(a.outcome === 'unproven'),
  );
  return (
    <div className="flex flex-col gap-6">
      <PageHeader title={words.title} about={words.about} />
      {!read.ok && <Notice tone="bad">{read.message}</Notice>}
      {read.ok && found === null && <Notice tone="info">{words.nothingToDo}</Notice>}
      {found !== null && <p className="-mt-6 [overflow-wrap:anywhere]">{found.detail}</p>}
      {found !== null && found.comparedAt === null && (
        <Notice tone="warn">{fill(words.notCompared, { command: <code>{words.command}</code> })}</Notice>
      )}
      {found?.comparedAt != null && (
        <>
          <Panel
            title={words.found}
            flush
            aside={fill(words.compared, { at: <Ago at={found.comparedAt} /> })}
          >
            <ul>
              {list.map((item) => (
                <Line key={item.credentialId} item={item} />
              ))}
            </ul>
          </Panel>
          <Notice tone="warn">
            <p>{words.notSeen}</p>
          </Notice>
          <Resume comparedAt={found.comparedAt} />
        </>
      )}
    </div>
  );
}
