'use client';

import { CircleCheck, CircleHelp, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Badge } from '#app/_components/badge.tsx';
import { fill } from '#app/_components/fill.tsx';
import { duration } from '#app/_components/format-time.ts';
import { Panel } from '#app/_components/panel.tsx';
import { watchPresence } from '#app/_components/presence.ts';
import { Moment, TimeSince } from '#app/_components/time.tsx';
import type { Refusal } from '#app/_doors/reply.ts';
import { common } from '#app/_words/common.ts';
import { consumersPanel as words } from '#app/_words/credential.ts';
import type { ConsumerView } from '#core/credentials/read-consumers.ts';

const EVERY_MS = 2000;

type Asked = { consumers: ConsumerView[] | null; problem: string | null };

async function askConsumers(credentialId: string, signal: AbortSignal): Promise<ConsumerView[]> {
  const answer = await fetch(`/credentials/${credentialId}/consumers`, { cache: 'no-store', signal });
  if (!answer.ok) {
    const { message } = (await answer.json()) as Refusal;
    throw new Error(message);
  }
  return (await answer.json()) as ConsumerView[];
}

/** Asks every two seconds, one question at a time, while somebody looks. */
function useConsumers(credentialId: string): Asked {
  const [asked, setAsked] = useState<Asked>({ consumers: null, problem: null });
  useEffect(() => {
    const stop = new AbortController();
    const presence = watchPresence();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = async () => {
      if (presence.isHere()) {
        try {
          const consumers = await askConsumers(credentialId, stop.signal);
          setAsked({ consumers, problem: null });
        } catch (error) {
          if (stop.signal.aborted) {
            return;
          }
          const problem = error instanceof Error ? error.message : common.noAnswerAlone;
          setAsked((before) => ({ ...before, problem }));
        }
      }
      if (!stop.signal.aborted) {
        timer = setTimeout(again, EVERY_MS);
      }
    };
    again();
    return () => {
      stop.abort();
      presence.stop();
      clearTimeout(timer);
    };
  }, [credentialId]);
  return asked;
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-sm text-quiet">{name}</dt>
      <dd className="font-semibold">{value}</dd>
    </div>
  );
}

function seconds(gap: { from: string; to: string | null }): number {
  return gap.to === null ? 0 : (new Date(gap.to).getTime() - new Date(gap.from).getTime()) / 1000;
}

function Gaps({ state }: { state: NonNullable<ConsumerView['state']> }) {
  const ended = state.gaps
    .filter((gap) => gap.to !== null)
    .slice(-3)
    .reverse();
  if (ended.length === 0) {
    return state.gaps.length > 0 ? null : <p className="mt-3 text-sm text-quiet">{words.noGap}</p>;
  }
  return (
    <div className="mt-3 text-sm">
      <h4 className="text-quiet">{words.lastGaps}</h4>
      <ul>
        {ended.map((gap) => (
          <li key={gap.from}>
            {words.gap(duration(seconds(gap)), gap.failures)} · <Moment at={gap.from} withSeconds />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Consumer({ consumer: { target, version, state } }: { consumer: ConsumerView }) {
  if (state === null) {
    return (
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-semibold">{target}</h3>
        <Badge tone="quiet" icon={CircleHelp}>
          {words.silent}
        </Badge>
      </div>
    );
  }
  const open = state.gaps.find((gap) => gap.to === null);
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-semibold">{state.name}</h3>
        {open === undefined ? (
          <Badge tone="good" icon={CircleCheck}>
            {words.working}
          </Badge>
        ) : (
          <Badge tone="bad" icon={TriangleAlert}>
            {fill(words.failing, { time: <TimeSince since={open.from} /> })}
          </Badge>
        )}
      </div>
      <dl className="mt-2 grid grid-cols-3 gap-4">
        <Figure name={words.uses} value={version === null ? words.unknown : `v${version}`} />
        <Figure name={words.requests} value={state.requests.toLocaleString('en')} />
        <Figure name={words.failures} value={state.failures.toLocaleString('en')} />
      </dl>
      {state.lastError !== null && (
        <p className="mt-3 text-sm break-words">
          <span className="text-quiet">{words.lastError}</span> {state.lastError}
        </p>
      )}
      <Gaps state={state} />
    </>
  );
}

/** What the consumers say of themselves: which version they use, and whether their requests succeed. */
export function Consumers({ credentialId }: { credentialId: string }) {
  const { consumers, problem } = useConsumers(credentialId);
  return (
    <Panel title={words.title} aside={problem ?? words.about} flush>
      {consumers === null ? (
        <p className="px-4 pb-4 text-quiet sm:px-5">{words.asking}</p>
      ) : (
        <ul>
          {consumers.map((consumer) => (
            <li key={consumer.bindingId} className="border-line border-t px-4 py-3.5 sm:px-5">
              <Consumer consumer={consumer} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
