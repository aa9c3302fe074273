import { vi } from 'vitest';

/* The contract suite, run over the connector that docs/writing-a-connector.md writes. */

vi.mock('#connectors/registry.ts', async () => {
  const { keyhole } = await import('./keyhole.ts');
  return {
    issuerConnectors: new Map([[keyhole.kind, keyhole]]),
    targetConnectors: new Map(),
    issuerConnector: () => keyhole,
  };
});

vi.mock('../fixtures.ts', async () => {
  const { keyholeWorld } = await import('./world.ts');
  return { issuerFixtures: { keyhole: keyholeWorld }, targetFixtures: {} };
});

await import('../contract.test.ts');
