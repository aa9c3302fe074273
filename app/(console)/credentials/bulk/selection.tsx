'use client';

import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import { credentialChoice as words } from '#app/_words/credentials.ts';

/** A credential that was chosen. */
export interface Chosen {
  id: string;
  name: string;
  environment: string;
  production: boolean;
}

/** What the list asks for. */
export type Filter = Partial<
  Record<'q' | 'state' | 'issuer' | 'target' | 'environment' | 'label' | 'owner', string | undefined>
>;

interface Selection {
  /** Those on this page. */
  readonly page: readonly Chosen[];
  readonly chosen: ReadonlyMap<string, Chosen>;
  choose(some: readonly Chosen[]): void;
  drop(ids: readonly string[]): void;
  only(some: readonly Chosen[]): void;
}

const Context = createContext<Selection | null>(null);

/** What was chosen on this page of the list, until it is left. */
export function useSelection(): Selection {
  const selection = useContext(Context);
  if (selection === null) {
    throw new Error('There is no selection around this component.');
  }
  return selection;
}

const byId = (some: Iterable<Chosen>) => new Map([...some].map((one) => [one.id, one]));

export function SelectionProvider({ page, children }: { page: readonly Chosen[]; children: ReactNode }) {
  const [chosen, setChosen] = useState<ReadonlyMap<string, Chosen>>(new Map());
  const selection = useMemo(
    () => ({
      page,
      chosen,
      choose: (some: readonly Chosen[]) => setChosen((now) => new Map([...now, ...byId(some)])),
      drop: (ids: readonly string[]) =>
        setChosen((now) => byId([...now.values()].filter(({ id }) => !ids.includes(id)))),
      only: (some: readonly Chosen[]) => setChosen(byId(some)),
    }),
    [page, chosen],
  );
  return <Context value={selection}>{children}</Context>;
}

const box = 'size-5 shrink-0 accent-accent pointer-coarse:size-6';

/** Chooses the credential of one row. */
export function ChooseRow({ id, name }: { id: string; name: string }) {
  const { page, chosen, choose, drop } = useSelection();
  const one = page.find((row) => row.id === id);
  return (
    <label className="-m-1.5 inline-flex size-8 shrink-0 items-center justify-center pointer-coarse:-m-2.5 pointer-coarse:size-11">
      <input
        type="checkbox"
        aria-label={words.one(name)}
        checked={chosen.has(id)}
        onChange={(event) => {
          if (event.currentTarget.checked && one !== undefined) {
            choose([one]);
          } else {
            drop([id]);
          }
        }}
        className={box}
      />
    </label>
  );
}

/** Chooses every credential of this page. */
export function ChoosePage() {
  const { page, chosen, choose, drop } = useSelection();
  const on = page.filter(({ id }) => chosen.has(id)).length;
  const all = on === page.length;
  return (
    <label className="inline-flex min-h-9 items-center gap-2.5 text-sm pointer-coarse:min-h-11">
      <input
        type="checkbox"
        checked={all}
        ref={(input) => {
          if (input !== null) {
            input.indeterminate = on > 0 && !all;
          }
        }}
        onChange={() => (all ? drop(page.map(({ id }) => id)) : choose(page))}
        className={box}
      />
      {words.page}
    </label>
  );
}
