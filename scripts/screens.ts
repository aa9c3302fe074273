import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium, type Page } from '@playwright/test';
import pg from 'pg';
import { findBrowser } from '#scripts/browser.ts';
import { type ConsolePage, consolePages } from '#scripts/console-pages.ts';
import { buildConsole } from '#scripts/launcher/build.ts';
import { startSteps } from '#scripts/launcher/steps.ts';
import type { World } from '#scripts/launcher/world.ts';

/*
 * npm run screens: takes a picture of every page in both themes, from a sample world of its own, which it removes again, and writes
 * the page that shows them all.
 */

const pictures = path.resolve(import.meta.dirname, '../docs/screens');

const themes = ['light', 'dark'] as const;
type Theme = (typeof themes)[number];

interface Picture {
  file: string;
  name: string;
  theme: Theme;
}

const taken: Picture[] = [];

/** WebP of a middling quality: a third of the same picture as PNG. */
async function take(page: Page, name: string, theme: Theme): Promise<void> {
  await page.mouse.move(0, 0);
  const client = await page.context().newCDPSession(page);
  const { data } = await client.send('Page.captureScreenshot', { format: 'webp', quality: 60 });
  await client.detach();
  const file = `${name
    .replace(/^(a|an|the) /, '')
    .replace(/[^a-z]+/gi, '-')
    .toLowerCase()}-${theme}.webp`;
  fs.writeFileSync(path.join(pictures, file), Buffer.from(data, 'base64'));
  taken.push({ file, name, theme });
  console.log(`  docs/screens/${file}`);
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

/** A policy and a rotation in its overlap: the new secret is delivered, confirmed and in use, and the old one still works. */
async function makeSomethingToSee(page: Page, { url }: World): Promise<void> {
  await page.goto(`${url}/policies/new`);
  await page.getByLabel('Name').fill('Monthly');
  await page.getByRole('button', { name: 'Add policy' }).click();
  await page.waitForURL(/\/policies(?!\/new)/);
  await page.goto(`${url}/credentials`);
  await page.getByRole('link', { name: 'fleet-api' }).click();
  await openSheet(page);
  await page
    .getByRole('dialog')
    .getByLabel('Reason', { exact: true })
    .fill('The yearly rotation of all partners');
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate', exact: true }).click();
  await page.waitForURL(/\/rotations\//);
  await page.locator('[aria-current=step]').filter({ hasText: 'Overlap' }).waitFor();
}

async function openSheet(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Rotate' }).click();
  await page.getByRole('dialog').getByText('stops working').last().waitFor();
  await page.getByRole('region', { name: 'Preflight' }).getByRole('listitem').first().waitFor();
}

async function takeAll(page: Page, world: World, pages: readonly ConsolePage[], theme: Theme): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  for (const { name, path: address } of pages) {
    await page.goto(`${world.url}${address}`);
    await page.getByRole('heading').first().waitFor();
    // Parts of a page come later, and say so meanwhile.
    await page.waitForFunction(() => !document.body.innerText.includes('is being read'));
    await take(page, name, theme);
  }
  await page.goto(`${world.url}/credentials`);
  await page.getByRole('link', { name: 'survey-importer' }).click();
  await openSheet(page);
  await take(page, 'the rotate sheet', theme);
}

/** The page that shows all pictures. */
function writeGallery(): void {
  const rows = [...new Set(taken.map(({ name }) => name))].map((name) => {
    const cells = themes.map((theme) => {
      const found = taken.find((picture) => picture.name === name && picture.theme === theme);
      return found === undefined ? '' : `![${name}, ${theme}](${found.file})`;
    });
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  const text = [
    '# Every page, in both themes',
    '',
    'Taken by `npm run screens` from the sample world, at 1280 × 800.',
    '',
    '| | light | dark |',
    '|---|---|---|',
    ...rows,
    '',
  ];
  fs.writeFileSync(path.join(pictures, 'README.md'), text.join('\n'));
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-screens-'));
fs.chmodSync(folder, 0o755);
fs.rmSync(pictures, { recursive: true, force: true });
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
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
    });
    await signIn(page, world);
    await makeSomethingToSee(page, world);
    const database = new pg.Client({ connectionString: process.env.DATABASE_URL });
    await database.connect();
    const pages = await consolePages(async (sql) => (await database.query<{ id: string }>(sql)).rows[0]?.id);
    await database.end();
    for (const theme of themes) {
      await takeAll(page, world, pages, theme);
    }
    writeGallery();
  } finally {
    await browser.close();
  }
} finally {
  await stopWorld();
  fs.rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
