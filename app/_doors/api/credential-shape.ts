import { z } from 'zod';
import { config, id, instant } from '#app/_doors/api/common.ts';
import { pageOf } from '#app/_doors/api/page.ts';
import type { Shown } from '#app/_doors/api/route.ts';
import { credentialFilter } from '#core/access/credential-filter.ts';
import { type CredentialView, readCredential } from '#core/credentials/read-credential.ts';

const version = z.object({
  id,
  n: z.int(),
  state: z.string(),
  fingerprint: z.string().meta({ description: 'Tells whether two values are the same, and nothing else.' }),
  hint: z.string().nullable(),
  createdAt: instant,
  promotedAt: instant.nullable(),
  endsAt: instant.nullable(),
  revokedAt: instant.nullable(),
  provenDeadAt: instant.nullable(),
  revealed: z
    .object({ by: z.string(), at: instant })
    .nullable()
    .meta({ description: 'Who had the value shown; a version is shown once.' }),
});

const bound = z.object({
  id,
  targetId: id,
  target: z.string(),
  kind: z.string(),
  required: z.boolean(),
  needs: z.string(),
  readsNext: z.boolean(),
  keys: z.array(z.string()),
  hasConsumer: z.boolean(),
  deliveries: z
    .array(z.object({ version: z.int().nullable(), level: z.string(), confirmedAt: instant.nullable() }))
    .meta({ description: 'The newest first.' }),
});

const finding = z.object({
  id,
  detail: z.string(),
  target: z.string().nullable(),
  foundAt: instant,
  ignored: z.object({ at: instant, by: z.string(), reason: z.string() }).nullable(),
});

const { q, ...filter } = credentialFilter.shape;

/** What credentials can be asked for, as in the console. */
export const filterShape = {
  q: q.meta({ description: 'Part of a name, an owner or a label.' }),
  ...filter,
};

/** A credential in a list. */
export const credentialRow = z
  .object({
    id,
    name: z.string(),
    issuerId: id,
    issuer: z.string(),
    environment: z.string(),
    labels: z.array(z.string()),
    owner: z.string().nullable(),
    state: z.string().meta({ description: 'Of several that it is in, the worst; `ok` where it is in none.' }),
    paused: z.boolean(),
    version: z.int().nullable().meta({ description: 'The current one.' }),
    since: instant.nullable(),
    expiresAt: instant.nullable(),
    confirmed: z.int().meta({ description: 'How many of its targets are confirmed to have it.' }),
    targets: z.int(),
    policy: z.string().nullable(),
    nextRotationAt: instant.nullable(),
    open: z
      .object({
        id,
        phase: z.string(),
        hold: z.string().nullable(),
        overlapEndsAt: instant.nullable(),
      })
      .nullable()
      .meta({ description: 'The rotation that is under way.' }),
  })
  .meta({ id: 'CredentialRow' });

/** One credential. */
export const credential = z
  .object({
    id,
    name: z.string(),
    issuerId: id,
    issuer: z.string(),
    environment: z.string(),
    labels: z.array(z.string()),
    owner: z.string().nullable(),
    place: config.meta({ description: 'Without its secrets.' }),
    createdAt: instant,
    revealAllowed: z.boolean().meta({ description: 'Whether values of it may be shown.' }),
    paused: z.boolean(),
    pausedBy: z.string().nullable().meta({ description: 'The widest pause that it is in.' }),
    openRotationId: id.nullable(),
    policy: z.object({ id, name: z.string(), nextRotationAt: instant.nullable() }).nullable(),
    versions: z.array(version).meta({ description: 'The newest first.' }),
    bindings: z.array(bound),
    findings: z
      .array(finding)
      .meta({ description: 'What a comparison with the outside found and left alone.' }),
    rotations: z.array(
      z.object({
        id,
        strategy: z.string(),
        phase: z.string(),
        outcome: z.string().nullable(),
        hold: z.string().nullable(),
        createdAt: instant,
        endedAt: instant.nullable(),
        overlapEndsAt: instant.nullable(),
        predictedGapSeconds: z.number(),
        gapSeconds: z.number().nullable(),
      }),
    ),
  })
  .meta({ id: 'Credential' });

/** A credential as it is answered. */
export const presentCredential = (view: CredentialView): z.input<typeof credential> => view;

/** A version as it is shown, once. */
export const revealed = z
  .object({
    version: z.int(),
    fields: z.record(z.string(), z.string().meta({ format: 'password' })),
  })
  .meta({ id: 'Revealed' });

/** How a credential is shown after a change of it. */
export const shownCredential = {
  answers: credential,
  path: (credentialId) => `/credentials/${credentialId}`,
  read: async (actor, credentialId) => presentCredential(await readCredential(actor, { credentialId })),
} satisfies Shown<typeof credential>;

const name = z.string().trim().min(1).max(100);
const environment = z.string().trim().min(1).max(50);
const owner = z.string().trim().max(100).meta({ description: 'An empty one is nobody.' });
const labels = z.array(z.string().trim().min(1).max(50)).max(50);

/** What a credential is changed to; what is left out stays as it is. */
export const changeBody = z.strictObject({
  name: name.optional(),
  environment: environment.optional(),
  owner: owner.optional(),
  labels: labels.optional().meta({ description: 'All of them, each without a comma.' }),
});

/** What a credential is imported from. */
export const importBody = z.strictObject({
  name,
  issuerId: id,
  place: config.meta({ description: 'As the placeForm of the issuer’s kind says.' }),
  environment,
  owner: owner.optional(),
  labels: labels.default([]).meta({ description: 'Each without a comma.' }),
  fields: z
    .record(z.string(), z.string().min(1).meta({ format: 'password', writeOnly: true }))
    .default({})
    .meta({ description: 'The values in use today, by field name.' }),
  readBack: z
    .boolean()
    .default(false)
    .meta({ description: 'The issuer is asked for the values itself, where it can read them back.' }),
  make: z.boolean().default(false).meta({
    description:
      'Rekey makes the first value, of a kind whose values no other system knows (`canMakeFirst`); then neither it, `readBack` nor `externalId` is given.',
  }),
  externalId: z
    .string()
    .max(500)
    .optional()
    .meta({ description: 'What the issuer calls the secret in use; needed where it holds several.' }),
});

/** What applications say about themselves. */
export const consumers = pageOf(
  z
    .object({
      bindingId: id,
      target: z.string(),
      version: z.int().nullable(),
      state: z.looseObject({}).nullable().meta({ description: 'Null where the application did not answer.' }),
    })
    .meta({ id: 'Consumer' }),
);

/** A secret that was found by its value. */
export const secretFound = z
  .object({
    credentialId: id,
    credential: z.string(),
    issuer: z.string(),
    archived: z.boolean().meta({
      description: 'The credential is not managed here any more, and whether the secret works was not tried.',
    }),
    version: z.int(),
    state: z.string(),
    live: z.enum(['live', 'dead', 'unknown']),
  })
  .meta({ id: 'FoundSecret' });
