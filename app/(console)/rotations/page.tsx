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
import { TextLink } from '#app/_components/text-link.tsx';
import { currentActor } from '#app/_doors/current-actor.ts';
import { environmentOf, saidEnvironment } from '#app/_doors/environment.ts';
import { addressOf, one } from '#app/_doors/query.ts';
import { tryAsk } from '#app/_doors/try-ask.ts';
import { RotationsTable } from '#app/(console)/rotations/rotations-table.tsx';
import { listRotations } from '#core/rotation/list-rotations.ts';

export const metadata: Metadata = { title: 'Rotations' };

const PATH = '/rotations';
const PAGE = 50;

const views = [
  { state: undefined, name: 'All' },
  { state: 'running', name: 'Running' },
  { state: 'held', name: 'Held' },
  { state: 'completed', name: 'Completed' },
  { state: 'rolled_back', name: 'Rolled back' },
  { state: 'ended', name: 'All ended' },
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
      : [{ name: 'Search', value: q, without: addressOf(PATH, { ...here, q: undefined }) }]),
    ...(environment === undefined
      ? []
      : [
          {
            name: 'Environment',
            value: environment,
            without: addressOf(PATH, { ...here, environment: 'all' }),
          },
        ]),
  ];
  const narrowed = q !== undefined || state !== undefined || environment !== undefined;
  return (
    <>
      <PageHeader
        title="Rotations"
        about="Every replacement run, the newest first."
        actions={
          <Link href="/batches" className={buttonClass()}>
            Batches
          </Link>
        }
      />
      <Views
        label="Views"
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
        aria-label="Rotations"
        className="mb-4 flex flex-wrap items-end gap-3"
      >
        {state !== undefined && <input type="hidden" name="state" value={state} />}
        {here.environment !== undefined && (
          <input type="hidden" name="environment" value={here.environment} />
        )}
        <Field
          label="Search"
          name="q"
          type="search"
          defaultValue={q}
          placeholder="Name of a credential"
          data-search
          className="w-full max-w-sm"
        />
        <Button type="submit">Filter</Button>
      </Form>
      <Chips chips={chips} />
      {!found.ok && (
        <Notice tone="bad">
          {found.message} <TextLink href={PATH}>Show all rotations</TextLink>
        </Notice>
      )}
      {found.ok && rotations.length === 0 && (
        <Empty
          icon={RefreshCw}
          title={narrowed ? 'No rotation fits this filter.' : 'Nothing was rotated yet.'}
        >
          {narrowed ? (
            <TextLink href={addressOf(PATH, { environment: 'all' })}>Show all rotations</TextLink>
          ) : (
            'A rotation starts when somebody clicks Rotate on a credential, or when a policy says so.'
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
