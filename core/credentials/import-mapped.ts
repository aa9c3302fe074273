import type { Actor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { importCredential } from '#core/credentials/import-credential.ts';
import { moveInput, prepareImport } from '#core/credentials/prepare-import.ts';
import { log } from '#lib/log.ts';
import { Problem } from '#lib/problem.ts';

type Item = Awaited<ReturnType<typeof prepareImport>>['items'][number];

async function importOne(actor: Actor, { shown, state, why, wish }: Item) {
  const { name } = shown;
  if (state === 'here') {
    const message = shown.make ? 'It is here already.' : 'It is here already, with this secret.';
    return { name, outcome: 'here' as const, message };
  }
  if (state === 'wrong' || wish === null) {
    return { name, outcome: 'failed' as const, message: `${why} Nothing was saved.` };
  }
  try {
    await importCredential(actor, wish);
    const message = shown.make ? 'Its first value was made and sealed.' : 'Its secret works and is sealed.';
    return { name, outcome: 'imported' as const, message };
  } catch (error) {
    if (error instanceof Problem) {
      return { name, outcome: 'failed' as const, message: error.message };
    }
    log.error({ err: error }, 'an import failed');
    const message = 'Something failed on our side; the log has the details. Import it again.';
    return { name, outcome: 'failed' as const, message };
  }
}

/**
 * Imports what the mappings say, one after the other, each proven by signing in, or made where no other system knows it. One that fails says why and holds up
 * no other; doing the same again takes up only what is missing. Nothing rotates.
 */
export const importMapped = useCase(
  { name: 'import-mapped', may: ['operator', 'admin'], stepUp: false, scope: 'everything', input: moveInput },
  async ({ actor }, wish) => {
    const { items } = await prepareImport(wish);
    const results: Awaited<ReturnType<typeof importOne>>[] = [];
    for (const item of items) {
      results.push(await importOne(actor, item));
    }
    return results;
  },
);
