import { places } from '#app/_components/places.ts';
import { paletteItems as words } from '#app/_words/frame.ts';
import type { Named } from '#core/credentials/find-by-name.ts';

export interface PaletteItem {
  id: string;
  label: string;
  /** What it is, or where it stands. */
  about: string;
  href: string;
}

/** What else one can go to, beside the places. */
const pages = [
  { href: '/look-up', label: words.lookUp },
  { href: '/credentials/new', label: words.importCredential },
  { href: '/issuers/new', label: words.addIssuer },
  { href: '/targets/new', label: words.addTarget },
  { href: '/policies/new', label: words.newPolicy },
  { href: '/notifiers/new', label: words.addNotifier },
  { href: '/developer-tools/webhooks', label: words.webhookEndpoints },
];

const acts = ['rotate', 'pause'] as const;
export type Act = (typeof acts)[number];

export interface Asked {
  /** What is to be done, where the text begins with it. */
  act: Act | null;
  /** What is looked for by name. */
  name: string;
}

/** Reads `rotate fleet`, `pause fleet` or plainly `fleet`. */
export function askedFor(text: string): Asked {
  const [first = '', ...rest] = text.trimStart().split(/\s+/);
  const act = acts.find((one) => words.typed[one] === first.toLowerCase()) ?? null;
  return act === null || rest.length === 0
    ? { act: null, name: text.trim() }
    : { act, name: rest.join(' ').trim() };
}

/** It leads to the credential's page with the question open; nothing is done before it is answered there. */
const actItem = (act: Act, { id, name, about }: Named): PaletteItem => ({
  id: `${act}-${id}`,
  label: words[act](name),
  about,
  href: `/credentials/${id}?act=${act}`,
});

const open = {
  credential: '/credentials/',
  issuer: '/credentials?environment=all&issuer=',
  target: '/credentials?environment=all&target=',
  policy: '/policies/',
};

const namedItem = ({ kind, id, name, about }: Named): PaletteItem => ({
  id,
  label: name,
  about: about === '' ? words.kinds[kind] : words.kindAbout(words.kinds[kind], about),
  href: `${open[kind]}${id}`,
});

/** What the palette offers for a text, the likeliest first. `may` are the acts that the person's role allows. */
export function paletteItems(text: string, found: readonly Named[], may: readonly Act[]): PaletteItem[] {
  const { act, name } = askedFor(text);
  const credentials = found.filter(({ kind }) => kind === 'credential');
  if (act !== null) {
    return may.includes(act) ? credentials.map((one) => actItem(act, one)) : [];
  }
  const wanted = name.toLowerCase();
  const goTo = [...places, ...pages]
    .filter(({ label }) => label.toLowerCase().includes(wanted))
    .map(({ href, label }) => ({ id: href, label, about: words.page, href }));
  const [likeliest] = credentials;
  const doing = likeliest === undefined || wanted === '' ? [] : may.map((one) => actItem(one, likeliest));
  return wanted === '' ? goTo : [...found.map(namedItem), ...doing, ...goTo];
}
