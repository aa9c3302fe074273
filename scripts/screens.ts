import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { findBrowser } from '#scripts/browser.ts';
import { buildConsole } from '#scripts/launcher/build.ts';
import { startSteps } from '#scripts/launcher/steps.ts';
import type { World } from '#scripts/launcher/world.ts';

/* npm run screens: takes the pictures of docs/screens from a sample world of its own, which it removes again. */

const pictures = path.resolve(import.meta.dirname, '../docs/screens');

async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.screenshot({ path: path.join(pictures, `${name}.png`), animations: 'disabled' });
  console.log(`  docs/screens/${name}.png`);
}

async function signIn(page: Page, { url, firstAdmin }: World): Promise<void> {
  if (firstAdmin === null) {
    throw new Error('The sample world has no first admin, so nobody can sign in. Nothing was photographed.');
  }
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('E-mail').fill(firstAdmin.email);
  await page.getByLabel('Password').fill(firstAdmin.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

async function takeAll(page: Page, world: World): Promise<void> {
  await signIn(page, world);
  await page.getByRole('link', { name: 'Credentials', exact: true }).click();
  await page.getByRole('heading', { name: 'Credentials' }).waitFor();
  await page.getByRole('link', { name: 'fleet-api' }).click();
  await page.getByRole('button', { name: 'Rotate' }).click();
  const rotate = page.getByRole('dialog').getByRole('button', { name: 'Rotate' });
  await page.getByText('stops working').last().waitFor();
  await page.getByText('is ready.').first().waitFor();
  await take(page, 'rotate');

  await page.getByRole('dialog').getByLabel('Reason', { exact: true }).fill('Quarterly rotation');
  await rotate.click();
  await page.waitForURL(/\/rotations\//);
  // The new secret is delivered, confirmed and in use; the old one still works.
  await page.locator('[aria-current=step]').filter({ hasText: 'Overlap' }).waitFor();
  await take(page, 'rotation');

  await page.goto(`${world.url}/overview`);
  await page.getByText('fleet-api').first().waitFor();
  await take(page, 'overview');

  await page.goto(`${world.url}/audit`);
  await page.getByText('v2 became the current version.').first().waitFor();
  await take(page, 'audit');

  await page.goto(`${world.url}/credentials`);
  await page.getByRole('link', { name: 'fleet-api' }).click();
  await page.getByRole('heading', { name: 'fleet-api', level: 1 }).waitFor();
  await page.getByText('v2').first().waitFor();
  await take(page, 'credential');
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-screens-'));
fs.chmodSync(folder, 0o755);
fs.mkdirSync(pictures, { recursive: true });
for (const name of ['DATABASE_URL', 'REKEY_MIGRATION_URL', 'REKEY_URL', 'REKEY_FILE_ROOTS']) {
  delete process.env[name];
}
let stopWorld = async () => {};
try {
  await buildConsole();
  // Loaded only now: it needs the database client that the build generates.
  const { startWorld } = await import('#scripts/launcher/world.ts');
  const world = await startWorld({
    dataDir: path.join(folder, 'data'),
    sample: true,
    dev: false,
    steps: startSteps(),
    onStop: (stop) => {
      stopWorld = stop;
    },
  });
  const { executablePath, args, env } = await findBrowser();
  const browser = await chromium.launch({ executablePath, args, env: { ...process.env, ...env } });
  try {
    const page = await browser.newPage({
      viewport: { width: 1280, height: 800 },
      colorScheme: 'light',
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
    });
    await takeAll(page, world);
  } finally {
    await browser.close();
  }
} finally {
  await stopWorld();
  fs.rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
