'use client';

import { type FormEvent, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { FieldErrors, InputFrame } from '#app/_components/input-frame.tsx';
import { LimitFields, limitsOf } from '#app/_components/limit-fields.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import type { Refusal } from '#app/_doors/reply.ts';
import { common } from '#app/_words/common.ts';
import { clientForm as words } from '#app/_words/developer-tools.ts';
import { roleWord } from '#app/_words/roles.ts';
import type { ShownOnce } from '#app/(console)/developer-tools/answer-once.ts';
import { ShownOncePanel } from '#app/(console)/developer-tools/shown-once.tsx';
import { useAskOnce } from '#app/(console)/developer-tools/use-ask-once.ts';
import type { Role } from '#core/access/actor.ts';

const ways = ['secret', 'key'] as const;

type Way = (typeof ways)[number];

function WayChoice({ way, choose }: { way: Way; choose(way: Way): void }) {
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-sm font-medium">{words.howItSignsIn}</legend>
      {ways.map((id) => (
        <label key={id} className="flex min-h-11 cursor-pointer items-start gap-3">
          <input
            type="radio"
            name="way"
            checked={way === id}
            onChange={() => choose(id)}
            className="mt-1 size-4 shrink-0 accent-accent"
          />
          <span>
            <span className="block">{words.ways[id].label}</span>
            <span className="block text-sm text-quiet">{words.ways[id].about}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Made({ shown }: { shown: ShownOnce }) {
  return (
    <section aria-label={words.made} className="flex max-w-2xl flex-col gap-4">
      <ShownOncePanel shown={shown} />
      <TextLink href={`/developer-tools/${shown.clientId}`}>{words.openIt}</TextLink>
    </section>
  );
}

/** An error of an input within the key set is told at the key set. */
function fieldsOf(refusal: Refusal | null): Record<string, string> {
  return Object.fromEntries(
    Object.entries(refusal?.fields ?? {}).map(([path, message]) => [path.replace(/\..*/, ''), message]),
  );
}

/** Makes a client, and shows its secret in place of the form. */
export function ClientForm({ roles }: { roles: readonly Role[] }) {
  const [way, setWay] = useState<Way>('secret');
  const [shown, setShown] = useState<ShownOnce | null>(null);
  const { busy, refusal, askOnce, stepUp } = useAskOnce('/developer-tools/new/client');

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const publicKeys = way === 'key' ? String(form.get('publicKeys')) : null;
    const wish = {
      name: String(form.get('name')),
      role: String(form.get('role')),
      ...limitsOf(form),
      publicKeys,
    };
    const made = await askOnce(wish);
    if (made !== null) {
      setShown(made);
    }
  }

  if (shown !== null) {
    return <Made shown={shown} />;
  }
  return (
    <FieldErrors value={fieldsOf(refusal)}>
      <form onSubmit={submit} method="post" className="flex max-w-2xl flex-col gap-5">
        <InputFrame name="name" label={common.name} required hint={words.nameHint}>
          {(control) => <input {...control} maxLength={80} autoComplete="off" />}
        </InputFrame>
        <InputFrame name="role" label={words.role} required hint={words.roleHint}>
          {(control) => (
            <select {...control} defaultValue="operator">
              {roles.map((role) => (
                <option key={role} value={role}>
                  {roleWord(role)}
                </option>
              ))}
            </select>
          )}
        </InputFrame>
        <LimitFields />
        <WayChoice way={way} choose={setWay} />
        {way === 'key' && (
          <InputFrame name="publicKeys" label={words.publicKeys} required hint={words.publicKeysHint}>
            {(control) => (
              <textarea
                {...control}
                rows={6}
                spellCheck={false}
                className={`${control.className} font-mono`}
              />
            )}
          </InputFrame>
        )}
        {refusal !== null && (
          <Notice tone="bad" live>
            {refusal.message}
          </Notice>
        )}
        <Button type="submit" look="primary" disabled={busy} className="self-start">
          {busy ? words.adding : words.add}
        </Button>
      </form>
      {stepUp}
    </FieldErrors>
  );
}
