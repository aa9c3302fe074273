import { z } from 'zod';

/* What SurfaceScout's admin API answers. */

export const behaviour = z.object({
  maxLive: z.number(),
  overlap: z.enum(['explicit', 'graced']).default('explicit'),
  chosenValue: z.boolean(),
  readBack: z.boolean(),
  list: z.boolean(),
  propagationSeconds: z.number(),
  hasApi: z.boolean(),
});

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
export const issuedSecret = z.object({
  id: z.string().min(1),
  secret: z.string().min(1),
  previousEndsAt: instant.nullish(),
});
export const readSecret = z.object({ secret: z.string().min(1) });
export const secret = z.object({
  id: z.string().min(1),
  tag: z.string().nullish(),
  createdAt: instant.nullish(),
  lastUsedAt: instant.nullish(),
});
export const listed = z.object({ secrets: z.array(secret) });
export const browsed = z.object({
  clients: z.array(behaviour.extend({ clientId: z.string().min(1), secrets: z.array(secret).default([]) })),
});
export const slotFull = z.object({
  error: z.literal('slot_full'),
  liveSecrets: z.array(z.object({ id: z.string().regex(/^[\w.-]{1,64}$/) })),
});
