import { z } from 'zod';
import { id } from '#app/_doors/api/common.ts';
import { durationInput } from '#app/_doors/api/duration.ts';
import { askFor, pageOf, pageQuery, toPage, wholeList } from '#app/_doors/api/page.ts';
import {
  plan,
  presentPlan,
  presentRotation,
  rotation,
  rotationRow,
  shownRotation as shown,
} from '#app/_doors/api/rotation-shape.ts';
import { type Asked, answering, changing, type Route } from '#app/_doors/api/route.ts';
import { eventStream } from '#app/_doors/event-stream.ts';
import { rotationFrames } from '#app/_doors/rotation-frames.ts';
import type { Actor } from '#core/access/actor.ts';
import { listRotations } from '#core/rotation/list-rotations.ts';
import { planRotation } from '#core/rotation/plan-rotation.ts';
import { probeRotation } from '#core/rotation/probe-rotation.ts';
import { readRotation } from '#core/rotation/read-rotation.ts';
import { requestRotation } from '#core/rotation/request-rotation.ts';
import { watchRotation } from '#lib/signals.ts';

const gracePeriod = durationInput.optional().meta({
  description: 'How long the old version is kept; left out, what its policy says, or else P1D. At most P90D.',
});

const graceAfterUse = durationInput.nullable().optional().meta({
  description:
    'The overlap ends so long after the new version was seen in use, at the latest after `gracePeriod`.',
});

const probe = z
  .object({
    check: z.enum(['issuer', 'slot', 'target', 'open_rotation', 'pause', 'hours', 'use']),
    subject: z.string(),
    required: z.boolean(),
    ok: z.boolean(),
    message: z.string().nullable().meta({ description: 'What is missing.' }),
    fix: z.string().nullable().meta({ description: 'What mends it.' }),
  })
  .meta({ id: 'Probe' });

/** The progress of a rotation as server-sent events: its state now unless `Last-Event-ID` names it, then each change. */
async function streamEvents(actor: Actor, { path }: Asked, request: Request): Promise<Response> {
  const rotationId = path.rotationId ?? '';
  const read = async () => rotation.parse(presentRotation(await readRotation(actor, { rotationId })));
  // A rotation that does not exist is a problem, not a stream.
  await read();
  const watch = (watcher: () => void) => watchRotation(rotationId, watcher);
  const known = request.headers.get('last-event-id');
  return eventStream(rotationFrames({ read, watch }, known, request.signal));
}

const events: Route = {
  method: 'GET',
  path: '/rotations/{rotationId}/events',
  operationId: 'streamRotationEvents',
  tag: 'rotations',
  summary: 'The progress of a rotation as server-sent events',
  description:
    'Each event `rotation` carries the rotation as it stands. `Last-Event-ID` goes on where a stream ended. It ends after the outcome, and after five minutes; ask again then.',
  rule: readRotation,
  status: 200,
  answers: rotation,
  stream: streamEvents,
  perform: async () => ({}),
};

/** Rotations: planned, requested, and watched. */
export const rotationRoutes = [
  answering({
    method: 'POST',
    path: '/credentials/{credentialId}/plan',
    operationId: 'planRotation',
    tag: 'rotations',
    summary: 'What a rotation would do; nothing is changed',
    calls: planRotation,
    body: z.strictObject({ gracePeriod, graceAfterUse }),
    input: ({ path, body }) => ({
      ...path,
      graceSeconds: body.gracePeriod,
      graceAfterUseSeconds: body.graceAfterUse,
    }),
    answers: plan,
    answer: presentPlan,
  }),
  answering({
    method: 'POST',
    path: '/credentials/{credentialId}/probe',
    operationId: 'probeRotation',
    tag: 'rotations',
    summary: 'Ask the issuer and the targets whether a rotation could go through; nothing is changed',
    calls: probeRotation,
    body: z.strictObject({}),
    input: ({ path }) => path,
    answers: pageOf(probe),
    answer: (found) => wholeList(found),
  }),
  changing({
    method: 'POST',
    path: '/credentials/{credentialId}/rotations',
    operationId: 'requestRotation',
    tag: 'rotations',
    summary: 'Rotate a credential',
    description:
      'The same request while one is open answers the open one, with `Rekey-Existing: true`; a different one is refused (409) and names it in `rotationId`. Priority `breach` ends an open rotation and leaves no overlap.',
    calls: requestRotation,
    body: z.strictObject({
      gracePeriod,
      graceAfterUse,
      reason: z.string().trim().max(500).optional(),
      ticket: z.string().trim().max(200).optional(),
      priority: z.enum(['manual', 'breach']).optional(),
    }),
    input: ({ path, body: { gracePeriod: graceSeconds, graceAfterUse: graceAfterUseSeconds, ...body } }) => ({
      ...path,
      ...body,
      graceSeconds,
      graceAfterUseSeconds,
    }),
    status: 202,
    shows: shown,
    resource: ({ rotationId }) => rotationId,
    headers: ({ existing }): Record<string, string> => (existing ? { 'rekey-existing': 'true' } : {}),
  }),
  answering({
    method: 'GET',
    path: '/rotations',
    operationId: 'listRotations',
    tag: 'rotations',
    summary: 'Rotations, the newest first',
    refuses: ['404'],
    calls: listRotations,
    query: pageQuery.extend({
      credentialId: id.optional(),
      open: z
        .enum(['true', 'false'])
        .optional()
        .meta({ description: 'Only those that are open, or only those that have ended.' }),
      state: z
        .enum(['running', 'held', 'completed', 'rolled_back', 'ended'])
        .optional()
        .meta({ description: 'What is open is running or held.' }),
      environment: z.string().max(200).optional(),
      q: z.string().trim().max(200).optional().meta({ description: 'Part of a credential’s name.' }),
    }),
    input: ({ query: { open, limit, cursor, ...filter } }) => ({
      ...askFor({ limit, cursor }, id),
      ...filter,
      ...(open === undefined ? {} : { open: open === 'true' }),
    }),
    answers: pageOf(rotationRow),
    answer: (rows, { query }) => toPage(rows, query, (row) => row.id),
  }),
  answering({
    method: 'GET',
    path: '/rotations/{rotationId}',
    operationId: 'readRotation',
    tag: 'rotations',
    summary: 'One rotation as it stands now',
    calls: readRotation,
    input: ({ path }) => path,
    answers: rotation,
    answer: presentRotation,
  }),
  events,
];
