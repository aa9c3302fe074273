import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { environmentCookie } from '#app/_components/preferences.ts';
import { addressOf, type Given, one } from '#app/_doors/query.ts';

/** What the environment switch stands on; undefined for all environments. */
export async function chosenEnvironment(): Promise<string | undefined> {
  const value = (await cookies()).get(environmentCookie)?.value;
  return value === undefined || value === '' ? undefined : value;
}

/**
 * The environment that a list shows. The address says it, so that a copied link shows everybody the same. An address that
 * says nothing is completed by what the switch stands on; `all`, or nothing after the `=`, asks for every environment
 * whatever the switch says.
 */
export async function environmentOf(path: string, given: Given): Promise<string | undefined> {
  if (given.environment !== undefined) {
    const said = one(given, 'environment');
    return said === 'all' ? undefined : said;
  }
  const environment = await chosenEnvironment();
  if (environment === undefined) {
    return undefined;
  }
  const asked = Object.fromEntries(Object.keys(given).map((name) => [name, one(given, name)]));
  redirect(addressOf(path, { ...asked, environment }));
}

/** The environment as the list's own links say it, so that they ask for exactly what is shown. */
export const saidEnvironment = (environment: string | undefined, given: Given): string | undefined =>
  environment ?? (given.environment === undefined ? undefined : 'all');
