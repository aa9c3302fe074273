'use client';

import clsx from 'clsx';
import { Bookmark } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type FormEvent, useRef, useState } from 'react';
import { Button } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { common } from '#app/_words/common.ts';
import { savedViews as words } from '#app/_words/forms.ts';
import { createViewAction, removeViewAction, renameViewAction } from '#app/(console)/view-actions.ts';
import type { SavedView } from '#core/evidence/list-views.ts';
import type { ViewList } from '#core/evidence/view.ts';

export type ShownView = SavedView & { readonly href: string };

const unreachable = {
  ok: false,
  message: common.noAnswerReload,
};

/** Asks for a name, for a new view or for one that is there. */
function NameForm({
  label,
  name,
  submit,
  close,
}: {
  label: string;
  name: string;
  submit: (name: string) => Promise<Answer<unknown>>;
  close: () => void;
}) {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = String(new FormData(event.currentTarget).get('name') ?? '');
    setBusy(true);
    const answer = await submit(given).catch(() => unreachable);
    setBusy(false);
    if (answer.ok) {
      close();
      router.refresh();
    } else if ('message' in answer) {
      setProblem(answer.message);
    }
  }

  return (
    <form onSubmit={onSubmit} className="flex w-full max-w-md flex-col gap-2">
      <Field
        label={label}
        name="name"
        defaultValue={name}
        required
        maxLength={80}
        autoFocus
        error={problem}
      />
      <div className="flex gap-2">
        <Button type="submit" look="primary" disabled={busy}>
          {common.save}
        </Button>
        <Button disabled={busy} onClick={close}>
          {common.cancel}
        </Button>
      </div>
    </form>
  );
}

/** What can be done with the view that is shown, by who may change it. */
function ViewActions({ view, rename, left }: { view: SavedView; rename: () => void; left: () => void }) {
  const router = useRouter();
  const [problem, setProblem] = useState<string | null>(null);

  async function remove() {
    const answer = await removeViewAction(view.id).catch(() => unreachable);
    if (answer.ok) {
      left();
      router.refresh();
    } else if ('message' in answer) {
      setProblem(answer.message);
    }
  }

  return (
    <>
      <Button onClick={rename}>{words.rename(view.name)}</Button>
      <Button onClick={remove}>{words.remove(view.name)}</Button>
      {problem !== null && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
    </>
  );
}

interface SavedViewsProps {
  list: ViewList;
  views: readonly ShownView[];
  /** The question that is shown, as a view of it is stored; empty where nothing is asked that could be saved. */
  q: string;
  maySave: boolean;
  /** The views that this person may rename and remove. */
  mayChange: readonly string[];
}

/** Questions to a list that were given a name, for everybody, and a name for the one that is shown. */
export function SavedViews({ list, views, q, maySave, mayChange }: SavedViewsProps) {
  const box = useRef<HTMLDivElement>(null);
  const [naming, setNaming] = useState<'new' | SavedView | null>(null);
  const shown = views.find(({ query }) => query === q);

  /** The button that was pressed goes away, and the keyboard must not be sent to the top of the page for it. */
  function close() {
    setNaming(null);
    box.current?.focus();
  }

  if (views.length === 0 && (!maySave || q === '')) {
    return null;
  }
  return (
    <div ref={box} tabIndex={-1} className="flex flex-wrap items-center gap-2 outline-none">
      {views.length > 0 && (
        <nav aria-label={words.label} className="contents">
          <ul className="flex flex-wrap gap-2">
            {views.map((view) => (
              <li key={view.id}>
                <Link
                  href={view.href}
                  aria-current={view === shown ? 'page' : undefined}
                  title={words.savedBy(view.by.name)}
                  className={clsx(
                    'inline-flex min-h-9 items-center gap-1.5 rounded-md px-2.5 text-sm pointer-coarse:min-h-11',
                    view === shown ? 'bg-raised font-medium' : 'text-quiet hover:bg-raised hover:text-ink',
                  )}
                >
                  <Bookmark aria-hidden className="size-3.5 shrink-0" />
                  {view.name}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      )}
      {maySave && naming === null && shown === undefined && q !== '' && (
        <Button onClick={() => setNaming('new')}>{words.saveThis}</Button>
      )}
      {naming === null && shown !== undefined && mayChange.includes(shown.id) && (
        <ViewActions view={shown} rename={() => setNaming(shown)} left={close} />
      )}
      {naming === 'new' && (
        <NameForm
          label={words.name}
          name=""
          submit={(name) => createViewAction(list, name, q)}
          close={close}
        />
      )}
      {naming !== null && naming !== 'new' && (
        <NameForm
          label={words.newName}
          name={naming.name}
          submit={(name) => renameViewAction(naming.id, name)}
          close={close}
        />
      )}
    </div>
  );
}
