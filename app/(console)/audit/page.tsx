import { ScrollText } from 'lucide-react';
import type { Metadata } from 'next';
import { Empty } from '#app/_components/empty.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { Events } from '#app/(console)/audit/events.tsx';
import { Filter, type FilterValues } from '#app/(console)/audit/filter.tsx';
import { VerifyPanel } from '#app/(console)/audit/verify/panel.tsx';
import { auditEventSchema } from '#core/audit/events.ts';
import { listCredentials } from '#core/credentials/list-credentials.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { verifyAudit } from '#core/evidence/verify-audit.ts';

export const metadata: Metadata = { title: 'Audit' };

const actions = auditEventSchema.options.map((option) => option.shape.action.value);

type Given = Awaited<PageProps<'/audit'>['searchParams']>;

/** An empty field of the form asks for nothing. */
function one(given: Given, name: string): string | undefined {
  const value = given[name];
  const text = (Array.isArray(value) ? value[0] : value)?.trim();
  return text === '' ? undefined : text;
}

function address(values: FilterValues, before?: string): string {
  const given = Object.entries({ ...values, before }).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return query.size === 0 ? '/audit' : `/audit?${query}`;
}

export default async function AuditPage({ searchParams }: PageProps<'/audit'>) {
  const user = await currentActor();
  const given = await searchParams;
  const [credential, rotation, actor, action, before] = [
    one(given, 'credential'),
    one(given, 'rotation'),
    one(given, 'actor'),
    one(given, 'action'),
    one(given, 'before'),
  ];
  const values = { credential, rotation, actor, action };
  const [found, credentials] = await Promise.all([
    ask(() =>
      listAuditEvents(user, { credentialId: credential, rotationId: rotation, actor, action, before }),
    ),
    ask(() => listCredentials(user, {})),
  ]);
  const filtered = Object.values(values).some((value) => value !== undefined);
  return (
    <>
      <PageHeader
        title="Audit"
        about="What happened, who did it, and how it ended. Nothing here is ever changed."
      />
      <VerifyPanel may={verifyAudit.may.includes(user.role)} />
      <Filter
        key={address(values)}
        values={values}
        credentials={credentials.ok ? credentials.value : []}
        actions={actions}
      />
      {!found.ok && <Notice tone="bad">{found.message}</Notice>}
      {found.ok && found.value.items.length === 0 && (
        <Empty
          icon={ScrollText}
          title={filtered ? 'No event fits this filter.' : 'Nothing has happened yet.'}
        >
          {filtered ? (
            <TextLink href="/audit">Clear the filter</TextLink>
          ) : (
            'Every change that people, schedules and workers make is recorded here.'
          )}
        </Empty>
      )}
      {found.ok && found.value.items.length > 0 && <Events events={found.value.items} />}
      {found.ok && (
        <nav aria-label="Pages" className="mt-4 flex justify-between gap-4">
          {before === undefined ? <span /> : <TextLink href={address(values)}>Newest</TextLink>}
          {found.value.nextBefore !== null && (
            <TextLink href={address(values, found.value.nextBefore)}>Older</TextLink>
          )}
        </nav>
      )}
    </>
  );
}
