'use client';

import { CircleCheck, CircleHelp, CirclePause, TriangleAlert } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import { Badge } from '#app/_components/badge.tsx';
import { Button } from '#app/_components/button.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Ago } from '#app/_components/time.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { common } from '#app/_words/common.ts';
import { systemRow as words } from '#app/_words/frame.ts';
import type { CheckResult } from '#core/outside/as-check.ts';

const checks = ['check', 'failed_check', 'import', 'make', 'binding'] as const;

function Health({ health, paused }: { health: string; paused: boolean }) {
  if (paused) {
    return (
      <Badge tone="warn" icon={CirclePause}>
        {words.paused}
      </Badge>
    );
  }
  switch (health) {
    case 'healthy':
      return (
        <Badge tone="good" icon={CircleCheck}>
          {words.healthy}
        </Badge>
      );
    case 'unhealthy':
      return (
        <Badge tone="bad" icon={TriangleAlert}>
          {words.unhealthy}
        </Badge>
      );
    default:
      return (
        <Badge tone="quiet" icon={CircleHelp}>
          {words.notChecked}
        </Badge>
      );
  }
}

/** What was asked of it last, and when. */
function Checked({ at, by }: { at: string; by: string }) {
  const how = checks.find((one) => one === by);
  return (
    how !== undefined && (
      <p className="text-sm text-quiet">{fill(words.checked[how], { ago: <Ago at={at} /> })}</p>
    )
  );
}

/** An issuer or a target in its list, with its health and, for those who may, a check of it now. */
export function SystemRow({
  system,
  uses,
  check,
  children,
}: {
  system: {
    name: string;
    title: string;
    health: string;
    paused: boolean;
    checked: { at: string; by: string } | null;
  };
  /** How much hangs on it: `3 credentials`. */
  uses: string;
  check: (() => Promise<Answer<CheckResult>>) | null;
  children?: ReactNode;
}) {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<CheckResult | null>(null);

  async function checkNow(ask: () => Promise<Answer<CheckResult>>) {
    setBusy(true);
    setResult(null);
    const answer = await ask().catch(() => null);
    setBusy(false);
    if (answer === null) {
      setResult({ ok: false, message: common.noAnswerCheck });
      return;
    }
    setResult(answer.ok ? answer.value : { ok: false, message: answer.message });
    router.refresh();
  }

  return (
    <li className="flex flex-col gap-3 border-line border-t p-4 first:border-t-0 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <p className="font-medium break-words">{system.name}</p>
          <p className="text-sm break-words text-quiet">
            {system.title} · {uses}
          </p>
          {system.checked !== null && <Checked {...system.checked} />}
        </div>
        <Health health={system.health} paused={system.paused} />
        {check !== null && (
          <Button disabled={busy} onClick={() => checkNow(check)}>
            {fill(busy ? words.checking : words.check, {
              name: <span className="sr-only"> {system.name}</span>,
            })}
          </Button>
        )}
      </div>
      {children}
      {result !== null && (
        <Notice tone={result.ok ? 'good' : 'warn'} live>
          {result.message}
        </Notice>
      )}
    </li>
  );
}
