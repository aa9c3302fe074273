'use client';

import { CircleCheck, CircleHelp, TriangleAlert } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { Badge } from '#app/_components/badge.tsx';
import { Button } from '#app/_components/button.tsx';
import { inputClass } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import type { Refusal } from '#app/_doors/reply.ts';
import { common } from '#app/_words/common.ts';
import { lookUpAnswer, lookUpForm } from '#app/_words/look-up.ts';
import type { FoundSecret } from '#core/credentials/find-secret.ts';

type Said = { found: readonly FoundSecret[] } | { problem: string };

async function ask(text: string): Promise<Said> {
  const answer = await fetch('/look-up/value', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  });
  const body = await answer.json();
  return answer.ok ? { found: body as FoundSecret[] } : { problem: (body as Refusal).message };
}

const looks = {
  live: { tone: 'bad', icon: TriangleAlert },
  dead: { tone: 'good', icon: CircleCheck },
  unknown: { tone: 'warn', icon: CircleHelp },
} as const;

function Follow({ found: { credentialId, credential, archived, live } }: { found: FoundSecret }) {
  const open = live === 'dead' ? lookUpAnswer.open : lookUpAnswer.openToRotate;
  return (
    <TextLink href={archived ? `/audit?q=credential:${credentialId}` : `/credentials/${credentialId}`}>
      {archived ? lookUpAnswer.events : open}
      <span className="sr-only">: {credential}</span>
    </TextLink>
  );
}

function Found({ found }: { found: FoundSecret }) {
  const { credential, issuer, archived, version, live } = found;
  const { tone, icon } = looks[live];
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2 border-line border-t p-4 first:border-t-0 sm:px-5">
      <div className="min-w-0 flex-1 basis-60">
        <p className="font-medium break-words">{lookUpAnswer.version(credential, version)}</p>
        <p className="text-sm break-words text-quiet">{issuer}</p>
        {archived && <p className="text-sm break-words">{lookUpAnswer.archived(issuer)}</p>}
      </div>
      <Badge tone={tone} icon={icon}>
        {lookUpAnswer[live]}
      </Badge>
      <Follow found={found} />
    </li>
  );
}

function Answer({ said }: { said: Said }) {
  if ('problem' in said) {
    return <Notice tone="bad">{said.problem}</Notice>;
  }
  if (said.found.length === 0) {
    return <Notice tone="good">{lookUpAnswer.nothing}</Notice>;
  }
  return (
    <ul aria-label={lookUpAnswer.title} className="rounded-lg border border-line bg-surface shadow-xs">
      {said.found.map((one) => (
        <Found key={`${one.credentialId} ${one.version}`} found={one} />
      ))}
    </ul>
  );
}

/** Takes a paste, which is read from the input when it is sent and kept nowhere else. */
export function LookUp() {
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<Said | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    setBusy(true);
    setSaid(null);
    const text = String(new FormData(form).get('text'));
    setSaid(await ask(text).catch(() => ({ problem: common.noAnswer })));
    setBusy(false);
    form.reset();
  }

  return (
    <div className="flex max-w-3xl flex-col gap-6">
      {/* `post` also before the page's script has loaded: a value must never stand in an address. */}
      <form onSubmit={submit} method="post" className="flex flex-col items-start gap-3">
        <label htmlFor={id} className="text-sm font-medium">
          {lookUpForm.value}
        </label>
        <textarea
          id={id}
          name="text"
          required
          rows={4}
          maxLength={65_536}
          spellCheck={false}
          autoComplete="off"
          aria-describedby={`${id}-hint`}
          className={`${inputClass} py-2 font-mono`}
        />
        <p id={`${id}-hint`} className="text-sm text-quiet">
          {lookUpForm.valueAbout}
        </p>
        <Button type="submit" look="primary" disabled={busy}>
          {busy ? lookUpForm.looking : lookUpForm.submit}
        </Button>
      </form>
      <div role="status">{said !== null && <Answer said={said} />}</div>
    </div>
  );
}
