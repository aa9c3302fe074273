import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Browser, chromium, type Page } from '@playwright/test';
import type { Asked } from '#bench/child.ts';
import type { ConsoleHandlers } from '#bench/console.ts';
import { type Finding, find, interleave, type Result, type Settings } from '#bench/runner.ts';
import type { World } from '#bench/world.ts';
import { findBrowser } from '#scripts/browser.ts';
import { buildConsole } from '#scripts/launcher/build.ts';
import { freePort } from '#scripts/launcher/ports.ts';

/** Compressed JavaScript that a page may bring, in KiB. */
const BUDGET_KIB = 180;
const GOAL_MS = 1500;

/* The least page: two hundred rows of text without a script or a style, from the folder of files that never change. */
const STATIC = 'static/bench.html';
const rows = Array.from({ length: 200 }, (_, n) => `<tr><td>credential-${n}</td><td>v${n}</td></tr>`).join(
  '',
);
const staticPage = `<!doctype html><html lang="en"><title>Static</title><h1>Static</h1><table>${rows}</table>`;

async function signIn(page: Page, door: { url: string; email: string; password: string }): Promise<void> {
  await page.goto(`${door.url}/sign-in`);
  await page.getByLabel('E-mail').fill(door.email);
  await page.getByLabel('Password').fill(door.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

/** Milliseconds from the start of a visit to the largest paint, with an empty cache. */
async function largestPaint(page: Page, address: string): Promise<number> {
  const client = await page.context().newCDPSession(page);
  await client.send('Network.clearBrowserCache');
  await client.detach();
  await page.goto(address, { waitUntil: 'load' });
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? Number.NaN)).observe(
          {
            type: 'largest-contentful-paint',
            buffered: true,
          },
        );
      }),
  );
}

/** Bytes of JavaScript as they come over the wire, of a visit with an empty cache. */
async function scriptBytes(page: Page, address: string): Promise<number> {
  const client = await page.context().newCDPSession(page);
  await client.send('Network.enable');
  await client.send('Network.clearBrowserCache');
  const scripts = new Set<string>();
  let bytes = 0;
  client.on('Network.responseReceived', ({ requestId, type }) => {
    if (type === 'Script') scripts.add(requestId);
  });
  client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  await page.goto(address, { waitUntil: 'load' });
  // Whatever the page asks for once it lives counts too; a stream of progress never ends, so silence is not waited for.
  await page.waitForTimeout(1000);
  await client.detach();
  return bytes;
}

function weigh(name: string, kib: number): Finding {
  const ratio = kib / BUDGET_KIB;
  const told = { floor: `${BUDGET_KIB} KiB`, subject: `${kib.toFixed(1)} KiB` };
  return { what: `scripts of ${name}`, ...told, ratio, range: [ratio, ratio], bound: { atMost: 1 } };
}

async function measure(
  browser: Browser,
  child: Asked<ConsoleHandlers>,
  settings: Settings,
): Promise<Result[]> {
  const door = await child.ask('door', undefined);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await signIn(page, door);
  const pages = await child.ask('pages', undefined);
  const findings: Result[] = [];
  for (const { name, path: address } of pages) {
    const kib = (await scriptBytes(page, `${door.url}${address}`)) / 1024;
    const paint = await largestPaint(page, `${door.url}${address}`);
    console.log(
      `  ${name.padEnd(28)} ${kib.toFixed(1).padStart(6)} KiB of scripts, largest paint ${paint.toFixed(0)} ms`,
    );
    findings.push(weigh(name, kib));
  }
  const pairs = await interleave(
    settings.pairs,
    () => largestPaint(page, `${door.url}/_next/${STATIC}`),
    () => largestPaint(page, `${door.url}/overview`),
  );
  console.log(`The goal for the largest paint is ${GOAL_MS} ms.`);
  const paint = find('largest paint of the overview', pairs, (ms) => ms, {
    unit: 'ms',
    bound: { atMost: 3 },
  });
  return [...findings, paint];
}

/** What each page of the console weighs, and how soon the overview is painted, in a real browser. */
export async function consolePages(world: World, settings: Settings): Promise<Result[]> {
  await buildConsole();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-bench-console-'));
  fs.chmodSync(folder, 0o755);
  const file = path.resolve(import.meta.dirname, '../../.next', STATIC);
  // Written before the start: the server looks only then which files there are.
  fs.writeFileSync(file, staticPage);
  const { ownerUrl, appUrl } = await world.database('console');
  const port = await freePort(26_800);
  try {
    const child = await world.start<ConsoleHandlers>('console', {
      DATABASE_URL: appUrl,
      REKEY_MIGRATION_URL: ownerUrl,
      REKEY_DATA_DIR: path.join(folder, 'data'),
      REKEY_FILE_ROOTS: path.join(folder, 'data-sample'),
      REKEY_URL: `http://localhost:${port}`,
      PORT: String(port),
    });
    const { executablePath, args, env } = await findBrowser();
    const browser = await chromium.launch({
      executablePath,
      args,
      env: { ...process.env, ...env } as Record<string, string>,
    });
    try {
      return await measure(browser, child, settings);
    } finally {
      await browser.close();
      await child.stop();
    }
  } finally {
    fs.rmSync(file);
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
