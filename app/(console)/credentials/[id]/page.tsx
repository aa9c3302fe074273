import type { Metadata } from 'next';
import { Age } from '#app/_components/age.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { PageHeader } from '#app/_components/page-header.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { PauseControl } from '#app/_components/pause-control.tsx';
import { FreshPage } from '#app/_components/running.tsx';
import { SentenceLink, TextLink } from '#app/_components/text-link.tsx';
import { Ago, Moment } from '#app/_components/time.tsx';
import { isUndoable } from '#app/_components/undo.ts';
import { ask } from '#app/_doors/ask.ts';
import { currentActor } from '#app/_doors/current-actor.ts';
import { credentialPage, pausePanel, policyPanel } from '#app/_words/credential.ts';
import { policyOff } from '#app/_words/schedule.ts';
import { openSentence } from '#app/_words/standing.ts';
import { AboutPanel } from '#app/(console)/credentials/[id]/about-panel.tsx';
import { BoundTargets } from '#app/(console)/credentials/[id]/bound-targets.tsx';
import { Consumers } from '#app/(console)/credentials/[id]/consumers.tsx';
import { Fetches } from '#app/(console)/credentials/[id]/fetches.tsx';
import { Findings } from '#app/(console)/credentials/[id]/findings.tsx';
import { History } from '#app/(console)/credentials/[id]/history.tsx';
import { historyQuestion } from '#app/(console)/credentials/[id]/history-question.ts';
import { Reveal } from '#app/(console)/credentials/[id]/reveal.tsx';
import { RotateDialog } from '#app/(console)/credentials/[id]/rotate-dialog.tsx';
import { Rotations } from '#app/(console)/credentials/[id]/rotations.tsx';
import { Versions } from '#app/(console)/credentials/[id]/versions.tsx';
import { pauseCredentialAction, unpauseCredentialAction } from '#app/(console)/pause-actions.ts';
import { listApiClients } from '#core/clients/list-api-clients.ts';
import { allowConsumer } from '#core/credentials/allow-consumer.ts';
import { bindTarget } from '#core/credentials/bind-target.ts';
import { changeBinding } from '#core/credentials/change-binding.ts';
import { ignoreFinding } from '#core/credentials/ignore-finding.ts';
import { listFetches } from '#core/credentials/list-fetches.ts';
import { pauseCredential } from '#core/credentials/pause-credential.ts';
import { type CredentialView, readCredential } from '#core/credentials/read-credential.ts';
import { listAuditEvents } from '#core/evidence/list-audit-events.ts';
import { assignPolicy } from '#core/policies/assign-policy.ts';
import { listBreakGlass } from '#core/rotation/list-break-glass.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { rollBackRotation } from '#core/rotation/roll-back-rotation.ts';
import { env } from '#lib/env.ts';

export const metadata: Metadata = { title: credentialPage.title };

function About({ credential: { issuer, environment, owner, labels } }: { credential: CredentialView }) {
  return (
    <>
      {issuer} · {environment} · {owner === null ? credentialPage.noOwner : credentialPage.owner(owner)}
      {labels.length > 0 && ` · ${labels.join(', ')}`}
    </>
  );
}

/** How old the secret in use is, against what the policy allows. */
function CurrentAge({ credential: { versions, policy } }: { credential: CredentialView }) {
  const current = versions.find(({ state }) => state === 'current');
  const allowed = policy?.isOn === true ? policy.intervalSeconds : null;
  return current === undefined ? null : (
    <p className="mb-3 flex flex-wrap items-center gap-x-3">
      <span className="text-quiet">{policyPanel.age(current.n)}</span>
      <Age since={current.promotedAt ?? current.createdAt} allowedSeconds={allowed} />
    </p>
  );
}

function Policy({ policy }: Pick<CredentialView, 'policy'>) {
  if (policy === null) {
    return <p className="text-quiet">{policyPanel.none}</p>;
  }
  const { id, name, isOn, nextRotationAt, followingAt } = policy;
  return (
    <>
      <p className="font-medium">
        <TextLink href={`/policies/${id}`} className="[overflow-wrap:anywhere]">
          {name}
        </TextLink>
      </p>
      {nextRotationAt === null ? (
        <p className={isOn ? 'text-quiet' : 'text-warn'}>{isOn ? policyPanel.noNext : policyOff.said}</p>
      ) : (
        <p className="text-quiet">
          {fill(policyPanel.next, { ago: <Ago at={nextRotationAt} />, at: <Moment at={nextRotationAt} /> })}
        </p>
      )}
      {followingAt !== null && (
        <p className="text-quiet">{fill(policyPanel.following, { at: <Moment at={followingAt} /> })}</p>
      )}
    </>
  );
}

/** Its own pause, and a wider one that it is in as well. */
function pauseSentence({ paused, pausedBy, issuer }: CredentialView): string {
  const wider = {
    everything: { too: pausePanel.everythingToo, alone: pausePanel.byEverything },
    issuer: { too: pausePanel.issuerToo(issuer), alone: pausePanel.byIssuer(issuer) },
    credential: null,
  };
  const found = pausedBy === null ? null : wider[pausedBy];
  if (paused) {
    return found === null ? pausePanel.paused : `${pausePanel.paused} ${found.too}`;
  }
  return found === null ? pausePanel.notPaused : found.alone;
}

export default async function CredentialPage({ params, searchParams }: PageProps<'/credentials/[id]'>) {
  const actor = await currentActor();
  const { id: credentialId } = await params;
  const found = await ask(() => readCredential(actor, { credentialId }));
  if (!found.ok) {
    return <Notice tone="bad">{found.message}</Notice>;
  }
  const credential = found.value;
  const { act, history: shownHistory } = await searchParams;
  const toPause = act === 'pause';
  const withSteps = shownHistory === 'steps';
  const { items: history } = await listAuditEvents(actor, { q: historyQuestion(credentialId, withSteps) });
  const mayRotate = requestRotation.may.includes(actor.role);
  const mayBind = bindTarget.may.includes(actor.role);
  const maySchedule = assignPolicy.may.includes(actor.role);
  const fetches = await listFetches(actor, { credentialId });
  const mayAllow = fetches.length > 0 && allowConsumer.may.includes(actor.role);
  const clients = mayAllow ? await listApiClients(actor, {}) : null;
  const glass = await listBreakGlass(actor, { credentialId });
  const reviews = glass.filter(({ state }) => state === 'review_open');
  const open = credential.rotations.find((rotation) => rotation.outcome === null);
  const rotation = open === undefined ? null : await readRotation(actor, { rotationId: open.id });
  const mayUndo = rollBackRotation.may.includes(actor.role) && open !== undefined && isUndoable(open);
  const isPaused = rotation !== null && rotation.paused !== null;
  // A rotation that is held, paused or goes back ends no overlap, whatever was planned; an issuer that ends it by itself does.
  const waits = rotation?.hold !== null || (isPaused && rotation.strategy !== 'graced');
  const endsOverlap = rotation?.direction === 'forward' && !waits;
  const newest = Math.max(0, ...credential.versions.map((version) => version.n));
  return (
    <>
      <FreshPage />
      <PageHeader
        above={<TextLink href="/credentials">{credentialPage.list}</TextLink>}
        title={credential.name}
        about={<About credential={credential} />}
        actions={
          mayRotate ? (
            <RotateDialog credentialId={credentialId} name={credential.name} nextVersion={newest + 1} />
          ) : (
            <p className="max-w-64 text-sm text-quiet">{credentialPage.rotatingTakes(requestRotation.may)}</p>
          )
        }
      />
      {reviews.map(({ rotationId, reason }) => (
        <div key={rotationId} className="mb-6">
          <Notice tone="bad">
            {fill(credentialPage.glassBroken, {
              rotation: (
                <SentenceLink href={`/rotations/${rotationId}`}>{credentialPage.glassRotation}</SentenceLink>
              ),
              reason,
              review: <SentenceLink href="/approvals#reviews">{credentialPage.glassReview}</SentenceLink>,
            })}
          </Notice>
        </div>
      ))}
      {credential.openRotationId !== null && (
        <div className="mb-6">
          <Notice tone={rotation?.hold ? 'warn' : 'info'}>
            {openSentence(rotation)}{' '}
            <SentenceLink href={`/rotations/${credential.openRotationId}`}>
              {credentialPage.watch}
            </SentenceLink>
          </Notice>
        </div>
      )}
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_minmax(17rem,22rem)]">
        <div className="flex min-w-0 flex-col gap-6">
          <Findings
            findings={credential.findings}
            credentialId={credentialId}
            mayRotate={mayRotate}
            mayIgnore={ignoreFinding.may.includes(actor.role)}
          />
          <Versions
            versions={credential.versions}
            bindings={credential.bindings}
            overlapEndsAt={endsOverlap ? rotation.overlapEndsAt : null}
          />
          <BoundTargets
            credential={credential}
            fetches={fetches}
            may={changeBinding.may.includes(actor.role)}
          />
          {mayBind && (
            <p className="-mt-3">
              <TextLink href={`/credentials/${credentialId}/bindings/new`}>
                {credential.bindings.length === 0 ? credentialPage.bindFirst : credentialPage.bindAnother}
              </TextLink>
            </p>
          )}
          {fetches.map((one) => (
            <Fetches
              key={one.bindingId}
              fetches={one}
              clients={clients?.filter(({ revokedAt }) => revokedAt === null) ?? null}
              origin={env().REKEY_URL.origin}
            />
          ))}
          {credential.bindings.some((binding) => binding.hasConsumer) && (
            <Consumers credentialId={credentialId} />
          )}
          <AboutPanel credential={credential} actor={actor} isFetched={fetches.length > 0} />
        </div>
        <div className="flex min-w-0 flex-col gap-6">
          <Panel title={policyPanel.title}>
            <CurrentAge credential={credential} />
            <Policy policy={credential.policy} />
            {maySchedule && (
              <p className="mt-2">
                <TextLink href={`/credentials/${credentialId}/schedule`}>
                  {credential.policy === null ? policyPanel.choose : policyPanel.chooseAnother}
                </TextLink>
              </p>
            )}
          </Panel>
          <Panel title={pausePanel.title}>
            <p className="mb-3 text-quiet">{pauseSentence(credential)}</p>
            {pauseCredential.may.includes(actor.role) && (
              <PauseControl
                key={String(toPause)}
                what={pausePanel.what}
                asked={toPause}
                paused={credential.paused}
                pause={pauseCredentialAction.bind(null, credentialId)}
                unpause={unpauseCredentialAction.bind(null, credentialId)}
              />
            )}
          </Panel>
          <Reveal credential={credential} role={actor.role} />
          <Rotations rotations={credential.rotations} isPaused={isPaused} />
          <History
            credentialId={credentialId}
            events={history.slice(0, 10)}
            withSteps={withSteps}
            undoable={mayUndo ? open.id : null}
          />
        </div>
      </div>
    </>
  );
}
