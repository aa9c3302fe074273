'use client';

import {
  type ComponentType,
  type LazyExoticComponent,
  lazy,
  type ReactNode,
  Suspense,
  useState,
} from 'react';

/*
 * What opens over the page (menus, dialogs, sheets) brings a third of the console's scripts and is rarely opened, so the first view
 * comes without it.
 */

/** A part of the page that is loaded when somebody first reaches for it. */
export interface OnDemand<P> {
  Part: LazyExoticComponent<ComponentType<P>>;
  /** Begins to load, for a pointer or a focus that comes near. */
  load(): void;
}

const TRY_AGAIN_MS = 2000;

/**
 * Loads until it is there. A page that is older than what the server has now comes anew, since its parts are gone; while the server
 * does not answer, nothing is lost but time.
 */
async function insist<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load();
    } catch {
      const answer = await fetch('/health/live').catch(() => null);
      if (answer?.ok) {
        window.location.reload();
      }
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
  }
}

export function onDemand<P>(load: () => Promise<ComponentType<P>>): OnDemand<P> {
  return { Part: lazy(async () => ({ default: await insist(load) })), load: () => load().catch(() => {}) };
}

/** Draws nothing until `open` is true for the first time, and from then on its content, so that it can leave as it came. */
export function Once({ open, children }: { open: boolean; children: ReactNode }) {
  const [opened, setOpened] = useState(open);
  if (open && !opened) {
    setOpened(true);
  }
  return opened || open ? <Suspense fallback={null}>{children}</Suspense> : null;
}

/** What opens itself from a button of its own, which looks like the one that stood there before it was loaded. */
export interface Trigger {
  label: string | undefined;
  className: string;
  content: ReactNode;
}

/** A button that stands for a menu or a popover until it is pressed. */
export function Opener<P extends object>({
  part: { Part, load },
  opens,
  trigger,
  ...rest
}: {
  part: OnDemand<P & { trigger: Trigger }>;
  opens: 'menu' | 'dialog';
  trigger: Trigger;
} & { props: P }) {
  const [wanted, setWanted] = useState(false);
  const button = (
    <button
      type="button"
      aria-haspopup={opens}
      aria-expanded={false}
      aria-label={trigger.label}
      className={trigger.className}
      onClick={() => setWanted(true)}
      onPointerEnter={load}
      onFocus={load}
    >
      {trigger.content}
    </button>
  );
  return wanted ? (
    <Suspense fallback={button}>
      <Part {...rest.props} trigger={trigger} />
    </Suspense>
  ) : (
    button
  );
}
