import { z } from 'zod';

/**
 * How SurfaceScout treats the secrets of one client. The vendors people meet differ in exactly these
 * points, so the sample shows each of them.
 */
export const clientBehaviour = z.object({
  clientId: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  /** How many secrets can be live at once. With 1, a new secret replaces the old one. */
  maxLive: z.union([z.literal(1), z.literal(2), z.literal(10)]),
  /**
   * How the previous secret ends where more than one can be live. `explicit`: when it is revoked. `graced`: at the
   * time given as the next one is issued, or earlier when it is revoked.
   */
  overlap: z.enum(['explicit', 'graced']).default('explicit'),
  /** The caller may choose the value of a new secret. */
  chosenValue: z.boolean(),
  /** The admin API answers the value of a live secret again. */
  readBack: z.boolean(),
  /** The admin API lists the live secrets. */
  list: z.boolean(),
  /** Seconds until a new secret works and a removed one stops working. */
  propagationSeconds: z.number().int().min(0).max(30),
  /** Without an API, secrets are rotated in the web app only. */
  hasApi: z.boolean(),
});

/** A client as it is written down: what has a default may be left out. */
export type ClientBehaviour = z.input<typeof clientBehaviour>;

/** Whether issuing a secret sets a time at which the one before it ends. */
export function isGraced({ maxLive, overlap }: ClientBehaviour): boolean {
  return maxLive > 1 && overlap === 'graced';
}

/**
 * The clients of the sample world: one with overlap, one replaced at once, one that takes a chosen value, one that only
 * a person can rotate, and two that no application uses yet, to be imported: one can be read back and one cannot.
 */
export const defaultWorld: readonly ClientBehaviour[] = [
  {
    clientId: 'fleet-api',
    maxLive: 2,
    chosenValue: false,
    readBack: false,
    list: true,
    propagationSeconds: 0,
    hasApi: true,
  },
  {
    clientId: 'survey-importer',
    maxLive: 1,
    chosenValue: false,
    readBack: false,
    list: false,
    propagationSeconds: 0,
    hasApi: true,
  },
  {
    clientId: 'report-builder',
    maxLive: 1,
    chosenValue: true,
    readBack: false,
    list: false,
    propagationSeconds: 0,
    hasApi: true,
  },
  {
    clientId: 'partner-portal',
    maxLive: 1,
    chosenValue: false,
    readBack: false,
    list: false,
    propagationSeconds: 0,
    hasApi: false,
  },
  {
    clientId: 'map-tiles',
    maxLive: 2,
    chosenValue: false,
    readBack: true,
    list: true,
    propagationSeconds: 0,
    hasApi: true,
  },
  {
    clientId: 'photo-export',
    maxLive: 2,
    chosenValue: false,
    readBack: false,
    list: true,
    propagationSeconds: 0,
    hasApi: true,
  },
];
