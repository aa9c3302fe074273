'use client';

import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { FieldErrors } from '#app/_components/input-frame.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { common } from '#app/_words/common.ts';
import { schemaForm as words } from '#app/_words/forms.ts';

type Refusal = Extract<Answer<unknown>, { ok: false }>;

const unreachable: Refusal = {
  ok: false,
  code: 'unreachable',
  message: words.noAnswer,
};

/**
 * A form that one server action takes. What was typed stays as it is whatever the answer says; each input at fault
 * carries its own sentence, and the first of them gets the focus. A second click while it is sent does nothing.
 */
export function SchemaForm<T>({
  send,
  onChange,
  onDone,
  submit,
  sending,
  cancel,
  hasMarks = true,
  children,
}: {
  send: (data: FormData) => Promise<Answer<T>>;
  /** Called after every change of an input, with the form. */
  onChange?: (form: HTMLFormElement) => void;
  onDone: (value: T) => void;
  /** The button's words, and those while it is sent. */
  submit: string;
  sending: string;
  /** Where to go without saving. */
  cancel: string;
  /** Inputs that must be filled in carry a mark, which is explained. */
  hasMarks?: boolean;
  children: ReactNode;
}) {
  const form = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  useEffect(() => {
    const first = Object.keys(refusal?.fields ?? {}).find((name) => hasInput(form.current, name));
    const input = first === undefined ? null : form.current?.elements.namedItem(first);
    if (input instanceof HTMLElement) {
      input.focus();
    }
  }, [refusal]);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy) {
      return;
    }
    setBusy(true);
    setRefusal(null);
    const answer = await send(new FormData(event.currentTarget)).catch(() => unreachable);
    if (answer.ok) {
      onDone(answer.value);
      return;
    }
    setBusy(false);
    setRefusal(answer);
  }

  return (
    // `post` also before the page's script has loaded: a value must never stand in an address.
    <form
      ref={form}
      method="post"
      onSubmit={onSubmit}
      onChange={onChange && ((event) => onChange(event.currentTarget))}
      className="flex max-w-2xl flex-col gap-6"
    >
      <FieldErrors value={refusal?.fields ?? {}}>{children}</FieldErrors>
      {refusal !== null && (
        <Notice tone="bad" live>
          <span className="whitespace-pre-line">{sentenceOf(refusal, form.current)}</span>
        </Notice>
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="primary" disabled={busy}>
          {busy ? sending : submit}
        </Button>
        <TextLink href={cancel} className={buttonClass('plain')}>
          {common.cancel}
        </TextLink>
        {hasMarks && <p className="text-sm text-quiet">{words.marks}</p>}
      </div>
    </form>
  );
}

const hasInput = (form: HTMLFormElement | null, name: string) => form?.elements.namedItem(name) != null;

/** Where every fault stands beside its input, the sentence only points there. */
function sentenceOf({ code, message, fields = {} }: Refusal, form: HTMLFormElement | null): string {
  const names = Object.keys(fields);
  if (names.length > 0 && names.every((name) => hasInput(form, name))) {
    return words.correctMarked;
  }
  // Core's own sentence names inputs as programs know them.
  return code === 'bad_input' && names.length > 0
    ? `${Object.values(fields).join(' ')} ${words.nothingSaved}`
    : message;
}

/** A part of a form under a heading of its own. */
export function FormPart({
  title,
  about,
  children,
}: {
  title: string;
  about?: ReactNode;
  children: ReactNode;
}) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-4 rounded-lg border border-line bg-surface p-4 shadow-xs sm:p-5">
      <legend className="float-left w-full font-semibold">{title}</legend>
      {about !== undefined && <p className="-mt-3 text-sm text-quiet">{about}</p>}
      {children}
    </fieldset>
  );
}
