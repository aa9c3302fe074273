import { z } from 'zod';
import { pageOf, wholeList } from '#app/_doors/api/page.ts';
import { answering } from '#app/_doors/api/route.ts';
import { importMapped } from '#core/credentials/import-mapped.ts';
import { planImport } from '#core/credentials/plan-import.ts';

const moveBody = z.strictObject({
  file: z.string().min(1).max(500).meta({ description: 'What the file is called in sentences.' }),
  format: z.enum(['dotenv', 'json']),
  values: z.string().meta({ format: 'password', writeOnly: true, description: 'The text of the file.' }),
  mappings: z
    .array(z.strictObject({ source: z.string().max(500), text: z.string() }))
    .min(1)
    .meta({ description: 'Which keys become which credentials; see docs/moving-in.md.' }),
});

const planned = z
  .object({
    items: z.array(
      z.object({
        name: z.string(),
        issuer: z.string(),
        environment: z.string(),
        make: z.boolean().meta({ description: 'Rekey makes its first value, as the mapping says.' }),
        values: z.array(
          z.object({ name: z.string(), key: z.string(), length: z.int(), fingerprint: z.string() }),
        ),
        state: z.enum(['new', 'here', 'wrong']),
        why: z.string().nullable(),
      }),
    ),
    unmapped: z.array(z.string()).meta({ description: 'Keys of the file that nothing maps.' }),
  })
  .meta({ id: 'ImportPlan' });

const imported = z
  .object({ name: z.string(), outcome: z.enum(['imported', 'here', 'failed']), message: z.string() })
  .meta({ id: 'Imported' });

/** Moving in with a file of values. */
export const importRoutes = [
  answering({
    method: 'POST',
    path: '/import-plans',
    operationId: 'planImport',
    tag: 'credentials',
    summary: 'What importing a file would do; values are told by length and fingerprint only',
    calls: planImport,
    body: moveBody,
    input: ({ body }) => body,
    answers: planned,
    answer: (found) => found,
  }),
  answering({
    method: 'POST',
    path: '/imports',
    operationId: 'importMapped',
    tag: 'credentials',
    summary: 'Import what the mappings say, one after the other; nothing rotates',
    description: 'The same again takes up only what is missing.',
    calls: importMapped,
    body: moveBody,
    input: ({ body }) => body,
    answers: pageOf(imported),
    answer: (results) => wholeList(results),
  }),
];
