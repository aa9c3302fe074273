import { ScrollText } from 'lucide-react';
import type { Metadata } from 'next';
import { auditAddress } from '#app/_components/audit-address.ts';
import { Empty } from '#app/_components/empty.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { SavedViews } from '#app/_components/saved-views.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { savedViewsOf } from '#app/_doors/saved-views.ts';
import { undoableOf } from '#app/_doors/undoable.ts';
import { auditPage, auditPages, auditRange, noEvents } from '#app/_words/audit.ts';
import { Chips, Ranges } from '#app/(console)/audit/chips.tsx';
import { Collectors } from '#app/(console)/audit/collectors.tsx';
import { Events } from '#app/(console)/audit/events.tsx';
import { Exports } from '#app/(console)/audit/exports.tsx';
import { NewerPill } from '#app/(console)/audit/newer-pill.tsx';
import { QueryBar } from '#app/(console)/audit/query-bar.tsx';
import { VerifyPanel } from '#app/(console)/audit/verify/panel.tsx';
import { listEnvironments } from '#core/credentials/list-environments.ts';
import { exportAuditEvents } from '#core/evidence/export-audit-events.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { listCollectorStates } from '#core/evidence/list-collector-states.ts';
import { knownActions, qualifiers } from '#core/evidence/query.ts';
import { verifyAudit } from '#core/evidence/verify-audit.ts';

export const metadata: Metadata = { title: auditPage.title };

type Given = Awaited<PageProps<'/audit'>['searchParams']>;
type Found = Awaited<ReturnType<typeof listAuditEvents>>;

function one(given: Given, name: string): string | undefined {
  const value = given[name];
  const text = (Array.isArray(value) ? value[0] : value)?.trim();
  return text === '' ? undefined : text;
}

function rangeOf({ from, until }: Found) {
  if (from === null) {
    return until === null ? auditRange.allTime : fill(auditRange.until, { until: <Moment at={until} /> });
  }
  return until === null
    ? fill(auditRange.since, { from: <Moment at={from} /> })
    : fill(auditRange.between, { from: <Moment at={from} />, until: <Moment at={until} /> });
}

/** Which time is shown, always: no range is taken silently. */
function Range({ found }: { found: Found }) {
  const [newest] = found.items;
  const oldest = found.items.at(-1);
  return (
    <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1 text-sm text-quiet">
      <p>
        <span className="font-medium text-ink">{auditRange.name} </span>
        {rangeOf(found)}
        {newest !== undefined && oldest !== undefined && (
          <>
            {' '}
            {fill(auditRange.onThisPage, {
              oldest: <Moment at={oldest.at} withSeconds />,
              newest: <Moment at={newest.at} withSeconds />,
            })}
          </>
        )}
      </p>
      <Ranges parts={found.parts} now={new Date()} />
    </div>
  );
}

function Nothing({ found }: { found: Found }) {
  const asked = found.parts.length > 0;
  return (
    <Empty icon={ScrollText} title={asked ? noEvents.noneFits : noEvents.nothingYet}>
      {found.unknown.length > 0 && <p>{noEvents.noCredential(found.unknown)}</p>}
      {found.unknownEnvironments.length > 0 && <p>{noEvents.noEnvironment(found.unknownEnvironments)}</p>}
      {asked ? <TextLink href="/audit">{noEvents.clear}</TextLink> : noEvents.whatComes}
    </Empty>
  );
}

function Pages({ q, found: { newer, older } }: { q: string; found: Found }) {
  return (
    <nav aria-label={auditPages.label} className="flex flex-wrap justify-between gap-x-6 gap-y-2">
      <span className="flex gap-6">
        {newer !== null && <TextLink href={auditAddress(q)}>{auditPages.newest}</TextLink>}
        {newer !== null && <TextLink href={auditAddress(q, { after: newer })}>{auditPages.newer}</TextLink>}
      </span>
      <span className="flex gap-6">
        {older !== null && <TextLink href={auditAddress(q, { before: older })}>{auditPages.older}</TextLink>}
        {older !== null && <TextLink href={auditAddress(q, { after: '0-0' })}>{auditPages.oldest}</TextLink>}
      </span>
    </nav>
  );
}

export default async function AuditPage({ searchParams }: PageProps<'/audit'>) {
  const user = await currentActor();
  const given = await searchParams;
  const q = one(given, 'q') ?? '';
  const place = { before: one(given, 'before'), after: one(given, 'after') };
  const found = await ask(() => listAuditEvents(user, { q, ...place }));
  const [views, environments, collectors] = await Promise.all([
    savedViewsOf(user, 'audit', auditAddress),
    listEnvironments(user, {}),
    listCollectorStates.may.includes(user.role) ? listCollectorStates(user, {}) : [],
  ]);
  const undoable = found.ok ? await undoableOf(user, found.value.items) : [];
  const mayExport = exportAuditEvents.may.includes(user.role);
  const newest = found.ok && found.value.newer === null ? found.value.items[0] : undefined;
  return (
    <>
      <PageHeader title={auditPage.title} about={auditPage.about} />
      <VerifyPanel may={verifyAudit.may.includes(user.role)} roles={verifyAudit.may} />
      <Collectors collectors={collectors} />
      <div className="flex flex-col gap-4">
        <QueryBar key={q} q={q} qualifiers={qualifiers} actions={knownActions} environments={environments} />
        {found.ok && <SavedViews key={`views ${q}`} {...views} q={found.value.parts.join(' ')} />}
        {!found.ok && (
          <Notice tone="bad">
            <span className="whitespace-pre-line">{found.message}</span>
          </Notice>
        )}
        {found.ok && (
          <>
            <Chips parts={found.value.parts} />
            <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
              <Range found={found.value} />
              {mayExport && <Exports q={q} about={found.value.about} />}
              {newest !== undefined && <NewerPill key={newest.cursor} q={q} after={newest.cursor} />}
            </div>
            {found.value.items.length === 0 ? (
              <Nothing found={found.value} />
            ) : (
              <Events key={auditAddress(q, place)} events={found.value.items} undoable={undoable} />
            )}
            <Pages q={q} found={found.value} />
          </>
        )}
      </div>
    </>
  );
}
