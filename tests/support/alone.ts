/**
 * Unit tests that need a process to themselves: they replace modules, change the environment or have a server of their
 * own. All others share a process, in which every module is loaded once.
 */
export const ALONE = [
  'tests/connectors/contract.test.ts',
  'tests/connectors/example/contract.test.ts',
  'tests/connectors/issuers/postgresql.test.ts',
  'tests/core/outside/guarded-http.test.ts',
  'tests/core/rotation/revoke.test.ts',
  'tests/core/rotation/target-effects.test.ts',
  'tests/core/use-cases.test.ts',
  'tests/core/vault/fingerprint.test.ts',
  'tests/core/vault/seal.test.ts',
  'tests/lib/server-env.test.ts',
  'tests/scripts/browser.test.ts',
];
