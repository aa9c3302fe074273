import { z } from 'zod';
import { id, instant } from '#app/_doors/api/common.ts';
import { answering } from '#app/_doors/api/route.ts';
import { readRestoration } from '#core/backup/read-restoration.ts';

const restoration = z
  .object({
    atRest: z.boolean().meta({ description: 'Nothing is rotated before an admin has read the list.' }),
    at: instant.nullable(),
    how: z.string().nullable().meta({ description: '`backup`, `copy` or `hand`.' }),
    detail: z.string().nullable(),
    comparedAt: instant.nullable(),
    list: z.array(
      z.object({
        credentialId: id,
        credential: z.string(),
        issuer: z.string(),
        outcome: z.enum(['same', 'imported', 'unproven']),
        version: z.int().nullable(),
        sentence: z.string(),
        targets: z.array(z.object({ target: z.string(), holds: z.string() })),
      }),
    ),
  })
  .meta({ id: 'Restoration', description: 'Whether this database was restored and does not go on yet.' });

/** `/restoration`. What is decided after a restore is decided by people. */
export const restorationRoutes = [
  answering({
    method: 'GET',
    path: '/restoration',
    operationId: 'readRestoration',
    tag: 'pauses',
    summary: 'Whether everything rests after a restore, and what a comparison with the outside found',
    calls: readRestoration,
    input: () => ({}),
    answers: restoration,
    answer: (found) => ({
      atRest: found !== null,
      at: found?.at ?? null,
      how: found?.how ?? null,
      detail: found?.detail ?? null,
      comparedAt: found?.comparedAt ?? null,
      list: found?.list ?? [],
    }),
  }),
];
