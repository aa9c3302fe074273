'use client';

import { type FormEvent, useRef, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { FieldErrors, InputFrame } from '#app/_components/input-frame.tsx';
import { LimitFields, limitsOf } from '#app/_components/limit-fields.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { common } from '#app/_words/common.ts';
import { clientForm as words } from '#app/_words/developer-tools.ts';
import type { ShownOnce } from '#app/(console)/developer-tools/answer-once.ts';
import { type Asked, askOnce, toldMore } from '#app/(console)/developer-tools/ask-once.ts';
import { ShownOncePanel } from '#app/(console)/developer-tools/shown-once.tsx';
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
function fieldsOf(asked: Extract<Asked, { ok: false }>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(asked.fields ?? {}).map(([path, message]) => [path.replace(/\..*/, ''), message]),
  );
}

/** Makes a client, and shows its secret in place of the form. */
export function ClientForm({ roles }: { roles: readonly Role[] }) {
  const [way, setWay] = useState<Way>('secret');
  const [asked, setAsked] = useState<Asked | null>(null);
  const [busy, setBusy] = useState(false);
  const sent = useRef(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (sent.current) {
      return;
    }
    sent.current = true;
    setBusy(true);
    const form = new FormData(event.currentTarget);
    const publicKeys = way === 'key' ? String(form.get('publicKeys')) : null;
    const wish = {
      name: String(form.get('name')),
      role: String(form.get('role')),
      ...limitsOf(form),
      publicKeys,
    };
    setAsked(await askOnce('/developer-tools/new/client', wish));
    setBusy(false);
    sent.current = false;
  }

  if (asked?.ok) {
    return <Made shown={asked.shown} />;
  }
  return (
    <FieldErrors value={asked === null ? {} : fieldsOf(asked)}>
      <form onSubmit={submit} method="post" className="flex max-w-2xl flex-col gap-5">
        <InputFrame name="name" label={common.name} required hint={words.nameHint}>
          {(control) => <input {...control} maxLength={80} autoComplete="off" />}
        </InputFrame>
        <InputFrame name="role" label={words.role} required hint={words.roleHint}>
          {(control) => (
            <select {...control} defaultValue="operator">
              {roles.map((role) => (
                <option key={role}>{role}</option>
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
        {asked !== null && (
          <Notice tone="bad" live>
            {toldMore(asked)}
          </Notice>
        )}
        <Button type="submit" look="primary" disabled={busy} className="self-start">
          {busy ? words.adding : words.add}
        </Button>
      </form>
    </FieldErrors>
  );
}
