'use client';

import { type FormEvent, useRef, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { FieldErrors } from '#app/_components/input-frame.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { FormPart } from '#app/_components/schema-form.tsx';
import { TextLink } from '#app/_components/text-link.tsx';
import { common } from '#app/_words/common.ts';
import { pickForm as words } from '#app/_words/import.ts';
import { BelongingInputs } from '#app/(console)/credentials/new/belonging.tsx';
import { inputOf, PickCard, wishOf } from '#app/(console)/credentials/new/pick-card.tsx';
import type { Failed, Result } from '#app/(console)/credentials/new/pick-result.ts';
import { PickTable } from '#app/(console)/credentials/new/pick-table.tsx';
import { sendImport } from '#app/(console)/credentials/new/send-import.ts';
import type { BrowsedRow } from '#core/issuers/browse-issuer.ts';

const unreachable: Failed['answer'] = {
  ok: false,
  code: 'unreachable',
  message: words.lost,
};

/** Said once for all that are picked. */
const shared = ['environment', 'owner', 'labels'];

/** The sentences of all refusals, by the input they belong to. */
function errorsOf(results: ReadonlyMap<number, Result>): Record<string, string> {
  const entries = [...results].flatMap(([index, result]) =>
    result.state === 'failed'
      ? Object.entries(result.answer.fields ?? {}).map(([name, text]) => [
          shared.includes(name) ? name : inputOf(index, name),
          text,
        ])
      : [],
  );
  return Object.fromEntries(entries);
}

interface Issuer {
  id: string;
  name: string;
  secretField: string;
}

/**
 * Picks from what an issuer has and takes it over, one after the other: what fails says why and stays to be corrected,
 * and holds up nothing else.
 */
export function PickForm({ issuer, items, more }: { issuer: Issuer; items: BrowsedRow[]; more: number }) {
  const form = useRef<HTMLFormElement>(null);
  const [picked, setPicked] = useState<readonly number[]>([]);
  const [results, setResults] = useState<ReadonlyMap<number, Result>>(new Map());
  const [busy, setBusy] = useState<{ at: number; of: number } | null>(null);
  const waiting = picked.filter((index) => results.get(index)?.state !== 'done');
  const note = (index: number, result: Result) => setResults((now) => new Map(now).set(index, result));

  function toggle(index: number) {
    setPicked((now) => (now.includes(index) ? now.filter((one) => one !== index) : [...now, index]));
    setResults((now) => new Map([...now].filter(([key]) => key !== index)));
  }

  async function takeOver(index: number, data: FormData) {
    const item = items[index];
    if (item === undefined) {
      return;
    }
    note(index, { state: 'sending' });
    const wish = wishOf(data, index, item, issuer);
    const answer = await sendImport(wish).catch(() => unreachable);
    note(
      index,
      answer.ok ? { state: 'done', id: answer.value.id, name: wish.name } : { state: 'failed', answer },
    );
  }

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy !== null) {
      return;
    }
    const data = new FormData(event.currentTarget);
    for (const [n, index] of waiting.entries()) {
      setBusy({ at: n + 1, of: waiting.length });
      await takeOver(index, data);
    }
    setBusy(null);
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
  }

  return (
    <div className="flex flex-col gap-6">
      <Panel title={words.title(issuer.name)} flush>
        <PickTable
          items={items}
          more={more}
          picked={waiting}
          results={results}
          locked={busy !== null}
          toggle={toggle}
        />
      </Panel>
      {/* `post` also without the page's script: a value must never stand in an address. */}
      <form ref={form} method="post" onSubmit={submit} className="flex max-w-2xl flex-col gap-6">
        <FieldErrors value={errorsOf(results)}>
          {picked.length === 0 && <Notice tone="info">{words.about}</Notice>}
          {waiting.length > 0 && (
            <FormPart title={picked.length === 1 ? words.belongsOne : words.belongsMany}>
              <BelongingInputs />
            </FormPart>
          )}
          {picked.map((index) => {
            const item = items[index];
            return (
              item !== undefined && (
                <PickCard
                  key={index}
                  index={index}
                  item={item}
                  issuer={issuer}
                  result={results.get(index) ?? null}
                />
              )
            );
          })}
        </FieldErrors>
        <div className="flex flex-wrap items-center gap-3">
          {waiting.length > 0 && (
            <Button type="submit" look="primary" disabled={busy !== null}>
              {busy === null ? words.submit(waiting.length) : words.sending(busy.at, busy.of)}
            </Button>
          )}
          <TextLink href="/credentials" className={buttonClass('plain')}>
            {picked.length > 0 && waiting.length === 0 ? words.done : common.cancel}
          </TextLink>
          {waiting.length > 0 && <p className="text-sm text-quiet">{words.marks}</p>}
        </div>
      </form>
    </div>
  );
}
