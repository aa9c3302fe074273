import { KeyRound } from 'lucide-react';
import type { Metadata } from 'next';
import Link from 'next/link';
import { buttonClass } from '#app/_components/button.tsx';
import { Pages } from '#app/_components/choice-filter.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { FreshPage } from '#app/_components/running.tsx';
import { SavedViews } from '#app/_components/saved-views.tsx';
import { SentenceLink, TextLink } from '#app/_components/text-link.tsx';
import { currentActor } from '#app/_doors/current-actor.ts';
import { environmentOf, saidEnvironment } from '#app/_doors/environment.ts';
import { addressOf, type Given, one } from '#app/_doors/query.ts';
import { savedViewsOf } from '#app/_doors/saved-views.ts';
import { tryAsk } from '#app/_doors/try-ask.ts';
import { credentialList as words } from '#app/_words/credentials.ts';
import { BulkBar, ChooseLine } from '#app/(console)/credentials/bulk/bulk-bar.tsx';
import { choiceOf } from '#app/(console)/credentials/bulk/choice-of.ts';
import { SelectionProvider } from '#app/(console)/credentials/bulk/selection.tsx';
import {
  type Asked,
  CredentialsFilter,
  listAddress,
} from '#app/(console)/credentials/credentials-filter.tsx';
import { CredentialsTable } from '#app/(console)/credentials/credentials-table.tsx';
import type { Actor, Role } from '#core/access/actor.ts';
import { findSecret } from '#core/credentials/find-secret.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { listChoices } from '#core/credentials/list-choices.ts';
import { searchCredentials } from '#core/credentials/search-credentials.ts';
import { formatCredentialLine } from '#core/evidence/credential-line.ts';
import { listPolicies } from '#core/policies/list-policies.ts';
import { startBatch } from '#core/rotation/batches/start-batch.ts';
import { listTargets } from '#core/targets/list-targets.ts';

export const metadata: Metadata = { title: words.title };

const PATH = '/credentials';

function askedIn(given: Given, environment: string | undefined): Asked {
  const say = (name: string) => one(given, name);
  return {
    q: say('q'),
    state: say('state'),
    issuer: say('issuer'),
    target: say('target'),
    environment,
    label: say('label'),
    owner: say('owner'),
    sort: say('sort'),
  };
}

function search(actor: Actor, { issuer, target, ...asked }: Asked, after: string | undefined) {
  // The address may say anything; core refuses what it does not know, with a sentence.
  const wish = { ...asked, issuerId: issuer, targetId: target, after };
  return searchCredentials(actor, wish as Parameters<typeof searchCredentials>[1]);
}

function Actions({ role }: { role: Role }) {
  return (
    <div className="flex flex-wrap gap-2">
      {findSecret.may.includes(role) && (
        <Link href="/look-up" className={buttonClass()}>
          {words.lookUp}
        </Link>
      )}
      {importCredential.may.includes(role) && (
        <Link href="/credentials/new" className={buttonClass()}>
          {words.import}
        </Link>
      )}
    </div>
  );
}

function Nothing({ asked }: { asked: Asked }) {
  const { sort: _sort, ...narrowing } = asked;
  return Object.values(narrowing).some((value) => value !== undefined) ? (
    <Empty icon={KeyRound} title={words.nothingFits}>
      <TextLink href={listAddress({ environment: 'all' })}>{words.showAll}</TextLink>
    </Empty>
  ) : (
    <Empty icon={KeyRound} title={words.nothingYet}>
      {words.nothingYetAbout}
    </Empty>
  );
}

export default async function CredentialsPage({ searchParams }: PageProps<'/credentials'>) {
  const actor = await currentActor();
  const given = await searchParams;
  const asked = askedIn(given, await environmentOf(PATH, given));
  const after = one(given, 'after');
  const selectable = startBatch.may.includes(actor.role);
  const { sort: _sort, ...narrowing } = asked;
  const [found, choices, targets, policies, views] = await Promise.all([
    tryAsk(() => search(actor, asked, after)),
    listChoices(actor, {}),
    asked.target === undefined ? [] : listTargets(actor, {}),
    selectable ? listPolicies(actor, {}) : [],
    savedViewsOf(actor, 'credentials', (query) => `${PATH}?${query}`),
  ]);
  // In the address, `all` keeps the switch from filling in what it stands on.
  const here = { ...asked, environment: saidEnvironment(asked.environment, given) };
  const line = found.ok ? formatCredentialLine(here) : '';
  return (
    <>
      <FreshPage />
      <PageHeader title={words.title} about={words.about} actions={<Actions role={actor.role} />} />
      <div className="not-empty:mb-4">
        <SavedViews key={`views ${line}`} {...views} q={line} />
      </div>
      <CredentialsFilter
        asked={asked}
        choices={choices}
        targetName={targets.find(({ id }) => id === asked.target)?.name}
      />
      {!found.ok && (
        <Notice tone="bad">
          {found.message} <SentenceLink href={PATH}>{words.showAll}</SentenceLink>
        </Notice>
      )}
      {found.ok && found.value.items.length === 0 && <Nothing asked={asked} />}
      {found.ok && found.value.items.length > 0 && (
        <SelectionProvider key={addressOf(PATH, { ...here, after })} page={found.value.items.map(choiceOf)}>
          {selectable && <ChooseLine filter={narrowing} more={found.value.nextAfter !== null} />}
          <CredentialsTable credentials={found.value.items} selectable={selectable} />
          {selectable && (
            <BulkBar policies={policies.map(({ id, name, enabled }) => ({ id, name, enabled }))} />
          )}
        </SelectionProvider>
      )}
      {found.ok && (
        <Pages
          first={after === undefined ? null : listAddress(here)}
          next={
            found.value.nextAfter === null ? null : addressOf(PATH, { ...here, after: found.value.nextAfter })
          }
        />
      )}
    </>
  );
}
