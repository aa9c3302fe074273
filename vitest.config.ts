import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { ALONE } from './tests/support/alone.ts';

const OTHER = [
  'tests/**/*.db.test.ts',
  'tests/**/*.fault.test.ts',
  'tests/**/*.interop.test.ts',
  'tests/e2e/**',
];

// Files named *.db.test.ts and *.fault.test.ts use a real Postgres; the rest need nothing.
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Vitest leaves one core to itself, which is half of the smallest machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: [...OTHER, ...ALONE],
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE },
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
