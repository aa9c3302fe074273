'use client';

import { useEffect, useState } from 'react';
import type { Answer } from '#app/_doors/answer.ts';
import { common } from '#app/_words/common.ts';
import { probeAction } from '#app/(console)/credentials/[id]/actions.ts';
import type { Probed } from '#core/rotation/probe-rotation.ts';

export type Probe = Answer<Probed>;

const unreachable: Probe = { ok: false, code: 'unreachable', message: common.noAnswerAlone };

/** What is found before the click for a credential, null until there is an answer, and how to look again. */
export function useProbe(credentialId: string | null): { probe: Probe | null; again(): void } {
  const [probe, setProbe] = useState<Probe | null>(null);
  const [look, setLook] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each look asks anew
  useEffect(() => {
    let isStale = false;
    setProbe(null);
    if (credentialId !== null) {
      probeAction(credentialId)
        .catch(() => unreachable)
        .then((answer) => {
          if (!isStale) {
            setProbe(answer);
          }
        });
    }
    return () => {
      isStale = true;
    };
  }, [credentialId, look]);
  return { probe, again: () => setLook((n) => n + 1) };
}
