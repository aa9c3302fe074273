'use client';

import { CircleCheck, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Answer } from '#app/_doors/answer.ts';
import { probeAction } from '#app/(console)/credentials/[id]/actions.ts';

type Probe = Awaited<ReturnType<typeof probeAction>>;
type Found = Extract<Probe, { ok: true }>['value'][number];

const unreachable: Answer<never> = { ok: false, code: 'unreachable', message: 'Rekey does not answer.' };

/** The answer for a credential; null until there is one. */
function useProbe(credentialId: string): Probe | null {
  const [probe, setProbe] = useState<Probe | null>(null);
  useEffect(() => {
    let isStale = false;
    setProbe(null);
    probeAction(credentialId)
      .catch(() => unreachable)
      .then((answer) => {
        if (!isStale) {
          setProbe(answer);
        }
      });
    return () => {
      isStale = true;
    };
  }, [credentialId]);
  return probe;
}

function Line({ found: { subject, ok, message, required } }: { found: Found }) {
  const Icon = ok ? CircleCheck : TriangleAlert;
  return (
    <li className="flex gap-2 text-sm">
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${ok ? 'text-good' : 'text-warn'}`} />
      <span className="min-w-0 break-words">
        {ok ? `${subject} is ready.` : message}
        {!ok && !required && <span className="text-quiet"> The rotation does not wait for it.</span>}
      </span>
    </li>
  );
}

/** Whether the issuer and every target answer and permit, asked while the plan is read. Nothing is changed by it. */
export function PlanProbe({ credentialId }: { credentialId: string }) {
  const probe = useProbe(credentialId);
  const missing = probe?.ok ? probe.value.filter(({ ok, required }) => required && !ok).length : 0;
  return (
    <section>
      <h3 className="font-semibold">What is asked before</h3>
      <div role="status">
        {probe === null && <p className="mt-0.5 text-sm text-quiet">Asking the issuer and the targets…</p>}
        {probe?.ok === false && (
          <p className="mt-0.5 text-sm text-quiet">They could not be asked: {probe.message}</p>
        )}
        {probe?.ok && (
          <ul className="mt-2 flex flex-col gap-1.5">
            {probe.value.map((found, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two bindings may be at the same target, and the list never changes.
              <Line key={index} found={found} />
            ))}
          </ul>
        )}
        {missing > 0 && (
          <p className="mt-2 text-sm">
            As it stands, the rotation would be held at its first step, before anything is changed.
          </p>
        )}
      </div>
    </section>
  );
}
