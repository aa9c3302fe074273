import { RefreshCw } from 'lucide-react';
import type { Metadata } from 'next';
import Form from 'next/form';
import Link from 'next/link';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { Chips, Pages, Views } from '#app/_components/choice-filter.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { FreshPage } from '#app/_components/running.tsx';
import { SentenceLink, TextLink } from '#app/_components/text-link.tsx';
import { currentActor } from '#app/_doors/current-actor.ts';
import { environmentOf, saidEnvironment } from '#app/_doors/environment.ts';
import { addressOf, one } from '#app/_doors/query.ts';
import { tryAsk } from '#app/_doors/try-ask.ts';
import { common } from '#app/_words/common.ts';
import { rotationList as words } from '#app/_words/rotations.ts';
import { RotationsTable } from '#app/(console)/rotations/rotations-table.tsx';
import { listRotations } from '#core/rotation/list-rotations.ts';

export const metadata: Metadata = { title: words.title };

const PATH = '/rotations';
const PAGE = 50;

const views = [
  { state: undefined, name: common.all },
  { state: 'running', name: words.running },
  { state: 'held', name: words.held },
  { state: 'completed', name: words.completed },
  { state: 'rolled_back', name: words.rolledBack },
  { state: 'ended', name: words.allEnded },
];

export default async function RotationsPage({ searchParams }: PageProps<'/rotations'>) {
  const actor = await currentActor();
  const given = await searchParams;
  const environment = await environmentOf(PATH, given);
  const [q, state, after] = [one(given, 'q'), one(given, 'state'), one(given, 'after')];
  const wish = { q, state, environment, after, limit: PAGE + 1 } as Parameters<typeof listRotations>[1];
  const found = await tryAsk(() => listRotations(actor, wish));
  const rotations = found.ok ? found.value.slice(0, PAGE) : [];
  const last = found.ok && found.value.length > PAGE ? rotations.at(-1) : undefined;
  const here = { q, state, environment: saidEnvironment(environment, given) };
  const chips = [
    ...(q === undefined
      ? []
      : [{ name: words.search, value: q, without: addressOf(PATH, { ...here, q: undefined }) }]),
    ...(environment === undefined
      ? []
      : [
          {
            name: common.environment,
            value: environment,
            without: addressOf(PATH, { ...here, environment: 'all' }),
          },
        ]),
  ];
  const narrowed = q !== undefined || state !== undefined || environment !== undefined;
  return (
    <>
      <FreshPage />
      <PageHeader
        title={words.title}
        about={words.about}
        actions={
          <Link href="/batches" className={buttonClass()}>
            {words.batches}
          </Link>
        }
      />
      <Views
        label={words.views}
        views={views.map((view) => ({
          name: view.name,
          href: addressOf(PATH, { ...here, state: view.state }),
          here: view.state === state,
        }))}
      />
      <Form
        key={q}
        action={PATH}
        role="search"
        aria-label={words.title}
        className="mb-4 flex flex-wrap items-end gap-3"
      >
        {state !== undefined && <input type="hidden" name="state" value={state} />}
        {here.environment !== undefined && (
          <input type="hidden" name="environment" value={here.environment} />
        )}
        <Field
          label={words.search}
          name="q"
          type="search"
          defaultValue={q}
          placeholder={words.searchExample}
          data-search
          className="w-full max-w-sm"
        />
        <Button type="submit">{words.filter}</Button>
      </Form>
      <Chips chips={chips} />
      {!found.ok && (
        <Notice tone="bad">
          {found.message} <SentenceLink href={PATH}>{words.showAll}</SentenceLink>
        </Notice>
      )}
      {found.ok && rotations.length === 0 && (
        <Empty icon={RefreshCw} title={narrowed ? words.nothingFits : words.nothingYet}>
          {narrowed ? (
            <TextLink href={addressOf(PATH, { environment: 'all' })}>{words.showAll}</TextLink>
          ) : (
            words.howItStarts
          )}
        </Empty>
      )}
      {found.ok && rotations.length > 0 && <RotationsTable rotations={rotations} />}
      {found.ok && (
        <Pages
          first={after === undefined ? null : addressOf(PATH, here)}
          next={last === undefined ? null : addressOf(PATH, { ...here, after: last.id })}
        />
      )}
    </>
  );
}
