import { ListChecks } from 'lucide-react';
import type { Metadata } from 'next';
import { Pages, Views } from '#app/_components/choice-filter.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { SentenceLink, TextLink } from '#app/_components/text-link.tsx';
import { currentActor } from '#app/_doors/current-actor.ts';
import { addressOf, one } from '#app/_doors/query.ts';
import { tryAsk } from '#app/_doors/try-ask.ts';
import { batchList as words } from '#app/_words/batches.ts';
import { common } from '#app/_words/common.ts';
import { BatchesTable } from '#app/(console)/batches/batches-table.tsx';
import { listBatches } from '#core/rotation/batches/list-batches.ts';

export const metadata: Metadata = { title: words.title };

const PATH = '/batches';
const PAGE = 50;

const views = [
  { state: undefined, name: common.all },
  { state: 'running', name: words.running },
  { state: 'stopped', name: words.stopped },
  { state: 'completed', name: words.completed },
];

export default async function BatchesPage({ searchParams }: PageProps<'/batches'>) {
  const actor = await currentActor();
  const given = await searchParams;
  const [state, after] = [one(given, 'state'), one(given, 'after')];
  const wish = { state, after, limit: PAGE + 1 } as Parameters<typeof listBatches>[1];
  const found = await tryAsk(() => listBatches(actor, wish));
  const batches = found.ok ? found.value.slice(0, PAGE) : [];
  const last = found.ok && found.value.length > PAGE ? batches.at(-1) : undefined;
  return (
    <>
      <PageHeader
        above={<TextLink href="/rotations">{words.rotations}</TextLink>}
        title={words.title}
        about={words.about}
      />
      <Views
        label={words.views}
        views={views.map((view) => ({
          name: view.name,
          href: addressOf(PATH, { state: view.state }),
          here: view.state === state,
        }))}
      />
      {!found.ok && (
        <Notice tone="bad">
          {found.message} <SentenceLink href={PATH}>{words.showAll}</SentenceLink>
        </Notice>
      )}
      {found.ok && batches.length === 0 && (
        <Empty icon={ListChecks} title={state === undefined ? words.nothingYet : words.nothingInView}>
          {fill(words.howToBegin, {
            list: <SentenceLink href="/credentials">{words.credentials}</SentenceLink>,
          })}
        </Empty>
      )}
      {batches.length > 0 && <BatchesTable batches={batches} />}
      <Pages
        first={after === undefined ? null : addressOf(PATH, { state })}
        next={last === undefined ? null : addressOf(PATH, { state, after: last.id })}
      />
    </>
  );
}
