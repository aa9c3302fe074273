/**
 * Whether an environment is production by its name. Names are free text, so this knows the usual ones; where it errs, a
 * number is typed once too often or once too seldom, and nothing else.
 */
export const isProduction = (environment: string): boolean => /^(prod|prd\b|live\b)/i.test(environment);

/** More credentials than this in production are changed together only by somebody who types how many they are. */
const TYPED_ABOVE = 5;

/** The number that has to be typed; null where none has to be. */
export function countToType(environments: readonly string[]): number | null {
  return environments.filter(isProduction).length > TYPED_ABOVE ? environments.length : null;
}
