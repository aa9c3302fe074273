import { defineConfig } from 'vitest/config';

// Files named *.db.test.ts and *.fault.test.ts use a real Postgres; the rest need nothing.
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: [
            'tests/**/*.db.test.ts',
            'tests/**/*.fault.test.ts',
            'tests/**/*.interop.test.ts',
            'tests/e2e/**',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['tests/**/*.db.test.ts'],
          globalSetup: 'tests/support/postgres.ts',
          setupFiles: 'tests/support/environment.ts',
          pool: 'forks',
        },
      },
      {
        extends: true,
        test: {
          name: 'interop',
          include: ['tests/interop/**/*.interop.test.ts'],
          globalSetup: 'tests/support/postgres.ts',
          setupFiles: 'tests/support/environment.ts',
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['tests/faults/**/*.fault.test.ts'],
          globalSetup: 'tests/support/postgres.ts',
          setupFiles: 'tests/support/environment.ts',
          pool: 'forks',
          maxWorkers: 2,
        },
      },
    ],
  },
});
