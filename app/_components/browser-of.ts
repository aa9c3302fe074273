import { browsers as words } from '#app/_words/sign-in.ts';

const browsers: readonly [RegExp, string][] = [
  [/Edg\//, words.edge],
  [/OPR\//, words.opera],
  [/Firefox\//, words.firefox],
  [/Chrome\//, words.chrome],
  [/Safari\//, words.safari],
];

const systems: readonly [RegExp, string][] = [
  [/Android/, words.android],
  [/iPhone|iPad/, words.ios],
  [/Windows/, words.windows],
  [/Mac OS X/, words.macos],
  [/Linux/, words.linux],
];

const named = (list: readonly [RegExp, string][], text: string) =>
  list.find(([pattern]) => pattern.test(text))?.[1];

/** What a user agent says of itself, in two words: "Firefox on Linux". People claim what they like here. */
export function browserOf(userAgent: string | null): string {
  const text = userAgent ?? '';
  const browser = named(browsers, text);
  const system = named(systems, text);
  if (browser === undefined) {
    return text === '' ? words.unknown : text.slice(0, 60);
  }
  return system === undefined ? browser : words.browserOn(browser, system);
}
