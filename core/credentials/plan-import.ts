import { read, refuseLimited } from '#core/access/use-case.ts';
import { moveInput, prepareImport } from '#core/credentials/prepare-import.ts';

/**
 * What importing a file would do, told before it is done. Values are told by length and fingerprint only. It tells which
 * names and places are taken, so it is refused to whoever is limited, as the import is.
 */
export const planImport = read(
  { name: 'plan-import', may: ['operator', 'admin'], scope: 'everything', input: moveInput },
  async ({ actor }, wish) => {
    refuseLimited(actor);
    const { items, unmapped } = await prepareImport(wish);
    return { items: items.map(({ shown, state, why }) => ({ ...shown, state, why })), unmapped };
  },
);

export type ImportPlan = Awaited<ReturnType<typeof planImport>>;
