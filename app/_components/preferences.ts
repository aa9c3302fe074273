/*
 * What a person chose for this browser. Kept in cookies and not in the browser's own store, because the server draws by
 * them: the page arrives in the right colours, and no script has to run before it is shown.
 */

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export const themeCookie = 'rekey-theme';
export const environmentCookie = 'rekey-environment';
/** `off` where somebody turned single keys off. */
export const keysCookie = 'rekey-keys';
/** The zone that somebody chose last; their browser's own is told beside it, because the server cannot know it. */
export const zoneCookie = 'rekey-zone';
export const ownZoneCookie = 'rekey-own-zone';

/** The theme that a cookie names; anything else is the system's. */
export const themeOf = (value: string | undefined): Theme =>
  themes.find((theme) => theme === value) ?? 'system';

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Remembers a choice for a year; an empty one is forgotten. Only ever called in a browser. */
export function remember(cookie: string, value: string): void {
  const life = value === '' ? 0 : YEAR_SECONDS;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in browsers that we serve
  document.cookie = `${cookie}=${encodeURIComponent(value)}; path=/; max-age=${life}; samesite=lax`;
}
