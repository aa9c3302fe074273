/* How menus and other things that open over the page look. */

export const menuPopup =
  'min-w-48 max-w-[calc(100vw-1rem)] rounded-lg border border-line bg-surface p-1 text-sm text-ink shadow-lg outline-none';

export const menuItem =
  'flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 outline-none select-none data-highlighted:bg-raised pointer-coarse:min-h-11';

export const menuLabel = 'px-2.5 pt-2 pb-1 text-xs font-medium text-quiet';

/** A button of the top bar. */
export const barButton =
  'inline-flex min-h-9 shrink-0 items-center gap-2 rounded-md border border-line bg-surface px-2.5 text-sm text-quiet hover:bg-raised hover:text-ink pointer-coarse:min-h-11';
