/* What opens from several places of the frame, and the keys that every page knows. */

const opens = { palette: 'rekey:palette', keys: 'rekey:keys' } as const;

const tell = (name: string) => window.dispatchEvent(new Event(name));

export const openPalette = () => tell(opens.palette);
export const openKeys = () => tell(opens.keys);

/** Calls `open` whenever one of the two is asked for; answers how to stop. */
export function onOpen(which: keyof typeof opens, open: () => void): () => void {
  window.addEventListener(opens[which], open);
  return () => window.removeEventListener(opens[which], open);
}

/** Where keys are letters: an input, or anything that can be edited. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}

/** Single keys are for the page alone: not while somebody types, and not while something is open over the page. */
export function isForPage({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  const covered = document.querySelector('[role=dialog], [role=alertdialog], [role=menu]') !== null;
  return !ctrlKey && !metaKey && !altKey && !isTyping(target) && !covered;
}

/** Focuses the search of this page; where it has none, the palette is opened. */
export function focusSearch(): void {
  const search = document.querySelector<HTMLElement>('[data-search]');
  if (search === null) {
    openPalette();
  } else {
    search.focus();
  }
}

/** Moves the focus to the next or the last row of the list on this page; before the first there is none. */
export function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.findIndex((row) => row.matches(':focus'));
  const next = at === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by));
  rows[next]?.focus();
}

/** Presses what this page offers under a key; it opens a dialog or a form, and changes nothing by itself. */
export function pressOffered(key: string): void {
  document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.click();
}
