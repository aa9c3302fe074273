import { read } from '#core/access/use-case.ts';
import { moveInput, prepareImport } from '#core/credentials/prepare-import.ts';

/** What importing a file would do, told before it is done. Values are told by length and fingerprint only. */
export const planImport = read(
  { name: 'plan-import', may: ['operator', 'admin'], scope: 'everything', input: moveInput },
  async (_context, wish) => {
    const { items, unmapped } = await prepareImport(wish);
    return { items: items.map(({ shown, state, why }) => ({ ...shown, state, why })), unmapped };
  },
);

export type ImportPlan = Awaited<ReturnType<typeof planImport>>;
