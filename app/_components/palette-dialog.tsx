'use client';

import { Dialog } from '@base-ui/react/dialog';
import clsx from 'clsx';
import { Search } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import { type Act, askedFor, type PaletteItem, paletteItems } from '#app/_components/palette-items.ts';
import { paletteDialog as words } from '#app/_words/frame.ts';
import type { Named } from '#core/credentials/find-by-name.ts';

/** So that not every letter is a question to the server. */
const SETTLE_MS = 120;

type Found = { of: string; items: readonly Named[]; failed: boolean };

/** What has this name, once the typing settles. */
function useFound(name: string): Found {
  const [found, setFound] = useState<Found>({ of: '', items: [], failed: false });
  useEffect(() => {
    if (name === '') {
      setFound({ of: '', items: [], failed: false });
      return;
    }
    const leaving = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const answer = await fetch(`/palette?q=${encodeURIComponent(name)}`, { signal: leaving.signal });
        const items = answer.ok ? ((await answer.json()) as Named[]) : [];
        setFound({ of: name, items, failed: !answer.ok });
      } catch {
        if (!leaving.signal.aborted) {
          setFound({ of: name, items: [], failed: true });
        }
      }
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [name]);
  return found;
}

function Items({
  id,
  items,
  at,
  choose,
}: {
  id: string;
  items: readonly PaletteItem[];
  at: number;
  choose: (item: PaletteItem) => void;
}) {
  return (
    <div role="listbox" id={id} aria-label={words.results} className="overflow-y-auto p-1">
      {items.map((item, n) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the input answers the keys
        // biome-ignore lint/a11y/useFocusableInteractive: the input keeps the focus and names the option it stands on
        <div
          key={item.id}
          role="option"
          id={`${id}-${n}`}
          aria-selected={n === at}
          ref={n === at ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
          onClick={() => choose(item)}
          className={clsx(
            'flex min-h-10 cursor-pointer flex-wrap items-center justify-between gap-x-4 rounded-md px-3 py-1.5',
            n === at ? 'bg-raised' : 'hover:bg-ground',
          )}
        >
          <span className="min-w-0 font-medium [overflow-wrap:anywhere]">{item.label}</span>
          <span className="min-w-0 text-sm text-quiet">{item.about}</span>
        </div>
      ))}
    </div>
  );
}

function Body({ may, close }: { may: readonly Act[]; close: () => void }) {
  const router = useRouter();
  const id = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const { name } = askedFor(text);
  const found = useFound(name);
  const items = paletteItems(text, found.items, may);
  const searching = found.of !== name;

  function choose(item: PaletteItem | undefined) {
    if (item !== undefined) {
      close();
      router.push(item.href);
    }
  }

  function press(event: KeyboardEvent) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined && items.length > 0) {
      event.preventDefault();
      setAt((at + by + items.length) % items.length);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing && !searching) {
      // While the answer is on its way, Enter would choose what nobody has seen.
      event.preventDefault();
      choose(items[at]);
    }
  }

  return (
    <>
      <div className="flex items-center gap-2.5 border-line border-b px-4">
        <Search aria-hidden className="size-4 shrink-0 text-quiet" />
        <input
          type="text"
          role="combobox"
          aria-label={words.input}
          aria-expanded={items.length > 0}
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={items.length > 0 ? `${id}-${at}` : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder={words.inputExample}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={press}
          className="min-h-12 w-full min-w-0 bg-transparent outline-none placeholder:text-quiet"
        />
      </div>
      <Items id={id} items={items} at={at} choose={choose} />
      <p role="status" className={clsx('px-4 text-sm text-quiet', items.length === 0 ? 'py-4' : 'sr-only')}>
        {found.failed && words.noAnswer}
        {!found.failed && searching && words.searching}
        {!found.failed && !searching && (items.length === 0 ? words.nothingFound : words.found(items.length))}
      </p>
    </>
  );
}

export interface PaletteDialogProps {
  may: readonly Act[];
  open: boolean;
  change(open: boolean): void;
}

/** What is asked for, and what has that name. */
export function PaletteDialog({ may, open, change }: PaletteDialogProps) {
  return (
    <Dialog.Root open={open} onOpenChange={change}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup className="fixed top-[10dvh] left-1/2 z-50 flex max-h-[70dvh] w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 flex-col overflow-hidden rounded-lg border border-line bg-surface shadow-xl">
          <Dialog.Title className="sr-only">{words.title}</Dialog.Title>
          <Body may={may} close={() => change(false)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
