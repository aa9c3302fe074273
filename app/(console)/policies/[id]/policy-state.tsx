'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { FirstRunChoice, firstRunOf } from '#app/_components/first-run-choice.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { Moment } from '#app/_components/time.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { common } from '#app/_words/common.ts';
import { policyArchive, policyCredentials, policySwitch } from '#app/_words/policies.ts';
import {
  archivePolicyAction,
  disablePolicyAction,
  enablePolicyAction,
} from '#app/(console)/policies/actions.ts';
import type { PolicyView } from '#core/policies/read-policy.ts';

const unreachable = { ok: false, message: common.noAnswerReload } as const;

/** Sends one change at a time; answers what stood in its way. */
function useSend(onDone: () => void) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const send = async (change: () => Promise<Answer<unknown>>) => {
    setBusy(true);
    const answer = await change().catch(() => unreachable);
    setBusy(false);
    setProblem(answer.ok ? null : answer.message);
    if (answer.ok) {
      onDone();
    }
  };
  return { busy, problem, send };
}

function Problem({ sentence }: { sentence: string | null }) {
  return (
    sentence !== null && (
      <Notice tone="bad" live>
        {sentence}
      </Notice>
    )
  );
}

function EnableForm({ policy }: { policy: PolicyView }) {
  const router = useRouter();
  const { busy, problem, send } = useSend(() => router.refresh());
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const first = firstRunOf(new FormData(event.currentTarget));
    void send(() => enablePolicyAction(policy.id, first));
  };
  return (
    <form method="post" onSubmit={onSubmit} className="flex flex-col items-start gap-3">
      <p>{policySwitch.aboutOff}</p>
      <FirstRunChoice />
      <Button type="submit" look="primary" disabled={busy}>
        {policySwitch.switchOn}
      </Button>
      <Problem sentence={problem} />
    </form>
  );
}

function Archive({ policy }: { policy: PolicyView }) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const { busy, problem, send } = useSend(() => router.push('/policies'));
  if (!asking) {
    return <Button onClick={() => setAsking(true)}>{policyArchive.ask}</Button>;
  }
  return (
    <div className="flex flex-col items-start gap-3">
      <p>{policyArchive.about(policy.credentials)}</p>
      <div className="flex flex-wrap gap-2">
        <Button
          look="danger"
          disabled={busy}
          onClick={() => send(() => archivePolicyAction(policy.id, policy.credentials))}
        >
          {policyArchive.confirm(policy.name)}
        </Button>
        <Button onClick={() => setAsking(false)}>{policyArchive.keep}</Button>
      </div>
      <Problem sentence={problem} />
    </div>
  );
}

function Disable({ policyId }: { policyId: string }) {
  const router = useRouter();
  const { busy, problem, send } = useSend(() => router.refresh());
  return (
    <>
      <Button disabled={busy} onClick={() => send(() => disablePolicyAction(policyId))}>
        {policySwitch.switchOff}
      </Button>
      <Problem sentence={problem} />
    </>
  );
}

/** Which credentials have the policy, whether it is on, and taking it away. */
export function PolicyState({ policy, may }: { policy: PolicyView; may: boolean }) {
  const more = policy.credentials - policy.first.length;
  return (
    <div className="mt-8 flex max-w-2xl flex-col gap-6">
      <Panel title={policyCredentials.title}>
        {policy.credentials === 0 && <p className="text-quiet">{policyCredentials.none}</p>}
        <ul className="flex flex-col gap-1">
          {policy.first.map(({ id, name, nextRotationAt }) => (
            <li key={id} className="flex flex-wrap gap-x-3">
              <TextLink href={`/credentials/${id}`}>{name}</TextLink>
              {nextRotationAt !== null && (
                <span className="text-quiet">
                  <Moment at={nextRotationAt} />
                </span>
              )}
            </li>
          ))}
        </ul>
        {more > 0 && <p className="text-quiet">{policyCredentials.more(more)}</p>}
      </Panel>
      {may && (
        <Panel title={policy.enabled ? policySwitch.titleOn : policySwitch.titleOff}>
          <div className="flex flex-col items-start gap-4">
            {policy.enabled ? (
              <>
                <p className="text-quiet">{policySwitch.aboutOn}</p>
                <Disable policyId={policy.id} />
              </>
            ) : (
              <EnableForm policy={policy} />
            )}
            <Archive policy={policy} />
          </div>
        </Panel>
      )}
    </div>
  );
}
