'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Ago } from '#app/_components/time.tsx';
import { common } from '#app/_words/common.ts';
import { noticeWords } from '#app/_words/notices.ts';
import { notifierLine as words } from '#app/_words/notifiers.ts';
import { removeNotifierAction, tryNotifierAction } from '#app/(console)/notifiers/actions.ts';
import type { NotifierRow } from '#core/notifiers/list-notifiers.ts';
import type { NoticeKind } from '#core/notifiers/notice-kinds.ts';

interface Said {
  tone: 'good' | 'warn';
  message: string;
}

const unreachable: Said = {
  tone: 'warn',
  message: common.noAnswerCheck,
};

/** Does one thing at a time and keeps what was said about it. */
function useOneAtATime() {
  const router = useRouter();
  const [busy, setBusy] = useState<'try' | 'remove' | null>(null);
  const [said, setSaid] = useState<Said | null>(null);
  async function act(what: 'try' | 'remove', ask: () => Promise<Said | null>) {
    setBusy(what);
    setSaid(null);
    setSaid(await ask().catch(() => unreachable));
    setBusy(null);
    router.refresh();
  }
  return { busy, said, act };
}

async function tryNow(id: string): Promise<Said> {
  const answer = await tryNotifierAction(id);
  const { ok, message } = answer.ok ? answer.value : { ok: false, message: answer.message };
  return { tone: ok ? 'good' : 'warn', message };
}

async function remove(id: string): Promise<Said | null> {
  const answer = await removeNotifierAction(id);
  return answer.ok ? null : { tone: 'warn', message: answer.message };
}

/** One notifier: what it tells of, whether it gets through, a test, and its removal. */
export function NotifierLine({ notifier, may }: { notifier: NotifierRow; may: boolean }) {
  const { busy, said, act } = useOneAtATime();
  const [sure, setSure] = useState(false);
  const { id, name, title, notices, error, sentAt, waiting } = notifier;
  return (
    <li className="flex flex-col gap-3 border-line border-t p-4 first:border-t-0 sm:px-5">
      <div className="flex flex-wrap items-start gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <p className="font-medium break-words">{name}</p>
          <p className="text-sm break-words text-quiet">
            {title} ·{' '}
            {sentAt === null ? words.nothingSent : fill(words.lastSent, { ago: <Ago at={sentAt} /> })}
            {waiting > 0 && ` · ${words.waiting(waiting)}`}
          </p>
          <p className="text-sm text-quiet">
            {notices.map((kind) => noticeWords[kind as NoticeKind] ?? kind).join(' · ')}
          </p>
        </div>
        {may && (
          <div className="flex flex-wrap gap-2">
            <Button disabled={busy !== null} onClick={() => act('try', () => tryNow(id))}>
              {busy === 'try' ? words.testing : words.test}
              <span className="sr-only"> {words.testGoesTo(name)}</span>
            </Button>
            <Link href={`/notifiers/${id}`} className={buttonClass()}>
              {words.change}
              <span className="sr-only"> {name}</span>
            </Link>
            <Button
              disabled={busy !== null}
              onClick={() => (sure ? act('remove', () => remove(id)) : setSure(true))}
              onBlur={() => setSure(false)}
            >
              {sure ? words.confirmRemoval : common.remove}
              <span className="sr-only"> {name}</span>
            </Button>
          </div>
        )}
      </div>
      {error !== null && said === null && <Notice tone="warn">{error}</Notice>}
      {said !== null && (
        <Notice tone={said.tone} live>
          {said.message}
        </Notice>
      )}
    </li>
  );
}
