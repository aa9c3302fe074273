import { defineConfig } from '@playwright/test';
import { findBrowser } from '#scripts/browser.ts';

const { executablePath, args, env } = await findBrowser();

// One real stack serves all files, so they run one after the other.
export default defineConfig({
  testDir: 'tests/e2e',
  globalSetup: './tests/e2e/support/world.ts',
  workers: 1,
  fullyParallel: false,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  // Later files build on the users and rotations of earlier ones.
  maxFailures: 3,
  reporter: [['list']],
  use: {
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
    launchOptions: { executablePath, args, env: { ...process.env, ...env } as Record<string, string> },
    // A trace of each test costs a quarter of the time: `npm run test:e2e -- --trace retain-on-failure` makes them.
    trace: 'off',
    screenshot: 'only-on-failure',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  },
});
