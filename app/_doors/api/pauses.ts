import { z } from 'zod';
import { givenReason, instant } from '#app/_doors/api/common.ts';
import { answering, changing, type Shown } from '#app/_doors/api/route.ts';
import { pauseEverything } from '#core/rotation/pause-everything.ts';
import { readStandstill } from '#core/rotation/read-standstill.ts';
import { unpauseEverything } from '#core/rotation/unpause-everything.ts';

const standstill = z
  .object({
    paused: z.boolean(),
    at: instant.nullable(),
    by: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Standstill', description: 'Whether everything is paused.' });

const present = (view: Awaited<ReturnType<typeof readStandstill>>) => ({
  paused: view !== null,
  at: view?.at ?? null,
  by: view?.by ?? null,
  reason: view?.reason ?? null,
});

const shown = {
  answers: standstill,
  path: () => '/pause',
  read: async (actor) => present(await readStandstill(actor, {})),
} satisfies Shown<typeof standstill>;

/** The pause of everything. Those of a credential and of an issuer stand beside these. */
export const pauseRoutes = [
  answering({
    method: 'GET',
    path: '/pause',
    operationId: 'readStandstill',
    tag: 'pauses',
    summary: 'Whether everything is paused',
    calls: readStandstill,
    input: () => ({}),
    answers: standstill,
    answer: present,
  }),
  changing({
    method: 'POST',
    path: '/pause',
    operationId: 'pauseEverything',
    tag: 'pauses',
    summary: 'Let no rotation of anything start or go on',
    calls: pauseEverything,
    body: givenReason,
    input: ({ body }) => body,
    status: 200,
    shows: shown,
    resource: () => 'everything',
  }),
  changing({
    method: 'POST',
    path: '/unpause',
    operationId: 'unpauseEverything',
    tag: 'pauses',
    summary: 'Let everything go on that is not paused by itself',
    calls: unpauseEverything,
    body: z.strictObject({}),
    input: () => ({}),
    status: 200,
    shows: shown,
    resource: () => 'everything',
  }),
];
