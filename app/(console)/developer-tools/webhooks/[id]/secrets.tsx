'use client';

import { CircleCheck, Clock } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Badge } from '#app/_components/badge.tsx';
import { Button } from '#app/_components/button.tsx';
import { fill } from '#app/_components/fill.tsx';
import { InputFrame } from '#app/_components/input-frame.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { postJson } from '#app/_components/post-json.ts';
import { useStepUp } from '#app/_components/step-up.tsx';
import { Ago, Moment } from '#app/_components/time.tsx';
import { common } from '#app/_words/common.ts';
import { rollSecret, signingSecrets as words } from '#app/_words/webhooks.ts';
import { SigningSecret } from '#app/(console)/developer-tools/webhooks/signing-secret.tsx';
import type { WebhookEndpointDetails } from '#core/webhooks/read-webhook-endpoint.ts';

const overlaps = ['1h', '24h', '7d', 'now'] as const;

function Line({ secret }: { secret: WebhookEndpointDetails['secrets'][number] }) {
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2 border-line border-t px-4 py-3 sm:px-5">
      <div className="min-w-0 flex-1 basis-48">
        <p className="font-mono">…{secret.hint}</p>
        <p className="text-sm text-quiet">{fill(words.made, { when: <Ago at={secret.createdAt} /> })}</p>
      </div>
      {secret.endsAt === null ? (
        <Badge tone="good" icon={CircleCheck}>
          {words.signs}
        </Badge>
      ) : (
        <Badge tone="warn" icon={Clock}>
          {fill(words.signsUntil, { when: <Moment at={secret.endsAt} /> })}
        </Badge>
      )}
    </li>
  );
}

function Roll({ endpointId }: { endpointId: string }) {
  const router = useRouter();
  const { withStepUp, dialog } = useStepUp();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [secret, setSecret] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const overlap = new FormData(event.currentTarget).get('overlap');
    setBusy(true);
    setError(null);
    setSecret(null);
    const address = `/developer-tools/webhooks/${endpointId}/secret`;
    const answer = await withStepUp(() => postJson<{ secret: string }>(address, { overlap })).catch(
      () => null,
    );
    setBusy(false);
    setSecret(answer?.ok === true ? answer.value.secret : null);
    setError(answer?.ok === true ? null : (answer?.message ?? common.noAnswerUnknown));
    router.refresh();
  }

  return (
    <div className="flex flex-col gap-4 border-line border-t px-4 py-4 sm:px-5">
      {secret !== null && <SigningSecret secret={secret} />}
      <form onSubmit={submit} method="post" className="flex flex-wrap items-end gap-3">
        <InputFrame name="overlap" label={rollSecret.overlap} className="flex-1 basis-60 sm:max-w-sm">
          {(control) => (
            <select {...control} defaultValue="24h">
              {overlaps.map((id) => (
                <option key={id} value={id}>
                  {rollSecret.overlaps[id]}
                </option>
              ))}
            </select>
          )}
        </InputFrame>
        <Button type="submit" disabled={busy}>
          {busy ? rollSecret.rolling : rollSecret.roll}
        </Button>
      </form>
      {error !== null && (
        <Notice tone="bad" live>
          {error}
        </Notice>
      )}
      {dialog}
    </div>
  );
}

/** The secrets that messages are signed with now, and a form that rolls them. */
export function Secrets({ endpoint, mayRoll }: { endpoint: WebhookEndpointDetails; mayRoll: boolean }) {
  return (
    <Panel title={words.title} flush>
      <ul aria-label={words.title}>
        {endpoint.secrets.map((secret) => (
          <Line key={secret.id} secret={secret} />
        ))}
      </ul>
      {mayRoll && <Roll endpointId={endpoint.id} />}
    </Panel>
  );
}
