import fs from 'node:fs';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { afterEach, expect, test, vi } from 'vitest';
import { findBrowser } from '#scripts/browser.ts';
import { scratchFolder } from '#tests/support/folder.ts';

const linuxX64 = process.platform === 'linux' && process.arch === 'x64';
if (!linuxX64) {
  console.log(`Not tested here: there is no packaged browser for ${process.platform} on ${process.arch}.`);
}

afterEach(() => {
  vi.unstubAllEnvs();
});

function executable(name: string): string {
  const file = path.join(scratchFolder(), name);
  fs.writeFileSync(file, '', { mode: 0o755 });
  return file;
}

test('CHROMIUM_PATH wins over what is installed', async () => {
  const [wanted, installed] = [executable('wanted'), executable('installed')];
  vi.stubEnv('CHROMIUM_PATH', wanted);
  expect((await findBrowser([installed])).executablePath).toBe(wanted);
});

test('a CHROMIUM_PATH that does not exist is named, and nothing else is taken instead', async () => {
  vi.stubEnv('CHROMIUM_PATH', '/nowhere/chromium');
  await expect(findBrowser([executable('installed')])).rejects.toThrow(
    'CHROMIUM_PATH names /nowhere/chromium, which does not exist. Correct it or unset it.',
  );
});

test('an installed browser is taken before the packaged one, the first that exists', async () => {
  vi.stubEnv('CHROMIUM_PATH', '');
  const [first, second] = [executable('first'), executable('second')];
  expect((await findBrowser(['/nowhere', first, second])).executablePath).toBe(first);
});

test.runIf(linuxX64)('where none is installed, the packaged one starts and draws text', async () => {
  vi.stubEnv('CHROMIUM_PATH', '');
  const before = { ...process.env };
  const { executablePath, args, env } = await findBrowser([]);
  expect(process.env).toEqual(before);
  const browser = await chromium.launch({
    executablePath,
    args,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
  });
  try {
    const page = await browser.newPage();
    await page.setContent('<span id="narrow">i</span> <span id="wide">WWW ß</span>');
    const width = async (id: string) => (await page.locator(`#${id}`).boundingBox())?.width ?? 0;
    expect(await width('narrow')).toBeGreaterThan(1);
    expect(await width('wide')).toBeGreaterThan(3 * (await width('narrow')));
  } finally {
    await browser.close();
  }
});
