import type { Chosen } from '#app/(console)/credentials/bulk/selection.tsx';
import { isProduction } from '#core/rotation/batches/production.ts';

/** A credential as it is chosen from a list; the browser is told whether it is in production. */
export const choiceOf = (row: { id: string; name: string; environment: string }): Chosen => ({
  id: row.id,
  name: row.name,
  environment: row.environment,
  production: isProduction(row.environment),
});
