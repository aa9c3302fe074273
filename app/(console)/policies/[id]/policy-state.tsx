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
import { count } from '#app/_words/rotation.ts';
import {
  archivePolicyAction,
  disablePolicyAction,
  enablePolicyAction,
} from '#app/(console)/policies/actions.ts';
import type { PolicyView } from '#core/policies/read-policy.ts';

const unreachable = { ok: false, message: 'Rekey does not answer. Reload the page to see.' } as const;

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
      <p>It is off: none of its credentials rotates by it. When shall they rotate first?</p>
      <FirstRunChoice />
      <Button type="submit" look="primary" disabled={busy}>
        Switch on
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
    return <Button onClick={() => setAsking(true)}>Archive…</Button>;
  }
  const loses = policy.credentials === 1 ? 'loses' : 'lose';
  return (
    <div className="flex flex-col items-start gap-3">
      <p>
        {policy.credentials === 0
          ? 'No credential has it.'
          : `${count(policy.credentials, 'credential')} ${loses} it, and rotate only when somebody asks for it.`}{' '}
        An archived policy does not come back, and its name is not used again.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button
          look="danger"
          disabled={busy}
          onClick={() => send(() => archivePolicyAction(policy.id, policy.credentials))}
        >
          Archive {policy.name}
        </Button>
        <Button onClick={() => setAsking(false)}>Keep it</Button>
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
        Switch off
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
      <Panel title="Credentials">
        {policy.credentials === 0 && <p className="text-quiet">No credential has it.</p>}
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
        {more > 0 && <p className="text-quiet">and {more} more</p>}
      </Panel>
      {may && (
        <Panel title={policy.enabled ? 'Switch off or archive' : 'Switch on or archive'}>
          <div className="flex flex-col items-start gap-4">
            {policy.enabled ? (
              <>
                <p className="text-quiet">
                  Off, its credentials keep it and none rotates by it. What is open goes on.
                </p>
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
