'use client';

import { CircleCheck, CircleSlash, Clock } from 'lucide-react';
import { useState } from 'react';
import { Badge } from '#app/_components/badge.tsx';
import { Button } from '#app/_components/button.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Ago, Moment } from '#app/_components/time.tsx';
import { lastUse, secretLine as words } from '#app/_words/developer-tools.ts';
import { endSecretAction } from '#app/(console)/developer-tools/actions.ts';
import { useAct } from '#app/(console)/developer-tools/use-act.ts';
import type { ApiClientSecretLine } from '#core/clients/read-api-client.ts';

function State({ live, endsAt }: ApiClientSecretLine) {
  if (!live) {
    return (
      <Badge tone="quiet" icon={CircleSlash}>
        {fill(words.ended, { when: endsAt !== null && <Ago at={endsAt} /> })}
      </Badge>
    );
  }
  return endsAt === null ? (
    <Badge tone="good" icon={CircleCheck}>
      {words.works}
    </Badge>
  ) : (
    <Badge tone="warn" icon={Clock}>
      {fill(words.worksUntil, { when: <Moment at={endsAt} /> })}
    </Badge>
  );
}

/** One secret: its end, its age, when it was last used, and a button that ends it. */
export function SecretLine({
  clientId,
  secret,
  mayEnd,
}: {
  clientId: string;
  secret: ApiClientSecretLine;
  mayEnd: boolean;
}) {
  const { busy, error, act, stepUp } = useAct();
  const [sure, setSure] = useState(false);
  const end = () => act(() => endSecretAction(clientId, secret.id));
  return (
    <li className="flex flex-col gap-3 border-line border-t p-4 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-48">
          <p className="font-mono">…{secret.hint}</p>
          <p className="text-sm text-quiet">
            {fill(words.made, { when: <Ago at={secret.createdAt} /> })} ·{' '}
            {secret.lastUsedAt === null
              ? lastUse.never
              : fill(lastUse.last, { when: <Ago at={secret.lastUsedAt} /> })}
          </p>
        </div>
        <State {...secret} />
        {mayEnd && secret.live && (
          <Button
            disabled={busy}
            onClick={() => (sure ? end() : setSure(true))}
            onBlur={() => setSure(false)}
          >
            {fill(busy ? words.ending : sure ? words.reallyEnd : words.end, {
              secret: <span className="sr-only"> {words.theSecret(secret.hint)}</span>,
            })}
          </Button>
        )}
      </div>
      {error !== null && (
        <Notice tone="bad" live>
          {error}
        </Notice>
      )}
      {stepUp}
    </li>
  );
}
