import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { test as base, expect, type Page } from '@playwright/test';
import pg from 'pg';
import { gatherComplaints } from '#tests/e2e/support/complaints.ts';
import type { StackInfo } from '#tests/e2e/support/world.ts';
import { moveTime } from '#tests/support/database.ts';

export const stack = JSON.parse(process.env.REKEY_E2E ?? '{}') as StackInfo;

const run = promisify(execFile);

/** Runs the rekey command as an administrator of the server would. */
export async function rekey(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ['cli/rekey.mjs', ...args], {
    env: { ...process.env, ...stack.env },
  });
  return stdout;
}

export const PASSWORD = 'sample-password-for-tests';

/** Makes a user with the command line and lets them choose their password in the browser. */
export async function createUser(page: Page, email: string, role: string): Promise<void> {
  const said = await rekey('user', 'create', '--email', email, '--role', role);
  const link = /http\S+\/welcome#\S+/.exec(said)?.[0] ?? '';
  // Only what stands behind the # differs between two links, which alone would not load the page again.
  await page.goto('about:blank');
  await page.goto(link);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set the password' }).click();
  await expect(page.getByText(`You sign in as ${email}`)).toBeVisible();
}

export async function signIn(page: Page, email: string): Promise<void> {
  await page.goto(`${stack.url}/sign-in`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/overview');
  // Most specs begin at the list.
  await page.goto(`${stack.url}/credentials`);
}

export function advanceClock(interval: string): Promise<void> {
  return moveTime(stack.databaseUrl, interval);
}

export async function query<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  const { rows } = await client.query<T>(sql, values);
  await client.end();
  return rows;
}

/** The secret in an application's env file. */
export function secretInFile(name: string): string {
  const text = fs.readFileSync(path.join(stack.sampleDir, name, '.env'), 'utf8');
  return /^SCOUT_CLIENT_SECRET=(.*)$/m.exec(text)?.[1] ?? '';
}

/** Asks the vendor for a token. */
export async function askToken(
  name: string,
  secret: string,
): Promise<{ status: number; error: string | undefined }> {
  const answer = await fetch(new URL('/oauth/token', stack.vendor.url), {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { error } = (await answer.json()) as { error?: string };
  return { status: answer.status, error };
}

export interface ConsumerState {
  versionId: string | null;
  requests: number;
  failures: number;
  gaps: { from: string; to: string | null; failures: number }[];
  intervalMs: number;
}

/** What an application says about itself. */
export async function consumerState(name: string): Promise<ConsumerState> {
  const [row] = await query<{ consumer_url: string }>(
    `select b.consumer_url from bindings b join credentials c on c.id = b.credential_id
      where c.name = $1 and b.consumer_url is not null`,
    [name],
  );
  return (await (await fetch(row?.consumer_url ?? '')).json()) as ConsumerState;
}

/**
 * Waits until an application uses the current version. Who ends an overlap by moving the clock waits for it first: an
 * application that uses the old one when the overlap is over holds the rotation.
 */
export async function expectCurrentInUse(name: string): Promise<void> {
  const [current] = await query<{ id: string }>(
    `select v.id from secret_versions v join credentials c on c.id = v.credential_id
      where c.name = $1 and v.state = 'current'`,
    [name],
  );
  await expect.poll(async () => (await consumerState(name)).versionId).toBe(current?.id);
}

/** Ends the overlap that the last spec or test left, so that a credential can be rotated anew. */
export async function endOverlap(name: string): Promise<void> {
  const open = async () =>
    query<{ phase: string; hold: string | null }>(
      `select r.phase, r.hold from rotations r join credentials c on c.id = r.credential_id
        where c.name = $1 and r.outcome is null`,
      [name],
    );
  if ((await open()).length > 0) {
    await expect.poll(open, { timeout: 60_000 }).toEqual([{ phase: 'overlap', hold: null }]);
    await expectCurrentInUse(name);
    await advanceClock('8 days');
  }
  await expect.poll(open, { timeout: 60_000 }).toEqual([]);
}

interface Fixtures {
  /** What the browser held against any page so far. A spec that provokes something takes it out again. */
  complaints: string[];
  /** A page of the operator of the stack, whom the first spec makes. */
  operator: Page;
}

/** No test passes whose pages broke their content policy or threw something that no code caught. */
export const test = base.extend<Fixtures>({
  complaints: [
    async ({ browser }, use) => {
      const { complaints, stop } = gatherComplaints(browser);
      await use(complaints);
      stop();
      expect(complaints, 'what the browser complains about').toEqual([]);
    },
    { auto: true },
  ],
  operator: async ({ page }, use) => {
    await signIn(page, 'operator@example.test');
    await use(page);
  },
});

export { expect };
