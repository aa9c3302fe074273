import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { type OpenedIssuer, openIssuer, openTarget } from '#core/outside/open-connector.ts';
import type { Hold } from '#core/rotation/holds.ts';
import { type Inspected, inspect } from '#core/rotation/inspect.ts';
import { type Standing, standingOf } from '#core/rotation/standing-in-the-way.ts';
import { databaseTime } from '#lib/clock.ts';
import { notFound } from '#lib/problem.ts';

interface Found {
  /** What was asked about. */
  check: 'issuer' | 'slot' | 'target' | Standing['check'] | 'use';
  subject: string;
  /** A rotation would be held, or refused, as long as it is not ok. */
  required: boolean;
  ok: boolean;
  /** What is missing, as a sentence; null when nothing is. */
  message: string | null;
  /** What mends it; null when nothing is missing. */
  fix: string | null;
}

/** What mends it, before there is a rotation that could be resumed. */
const fixes: Partial<Record<Hold, string>> = {
  permission_missing: 'Grant at the other side what the message names.',
  slot_full: 'Remove at the issuer the secret that is not in use.',
  issuer_failed: 'See that the issuer is up, and that its address and sign-in here are right.',
  target_unhealthy: 'See that the target is up, and that Rekey may write there.',
};

function foundOf(check: 'issuer' | 'target', one: Inspected): Found {
  const { subject, required, ok } = one;
  return ok
    ? { check, subject, required, ok, message: null, fix: null }
    : { check, subject, required, ok, message: one.error.message, fix: fixes[one.hold] ?? null };
}

/** The issuer, and its slot apart from it: one that is full answered and permits. */
function foundOfIssuer(one: Inspected, can: OpenedIssuer['can']): Found[] {
  const isFull = !one.ok && one.hold === 'slot_full';
  if (isFull) {
    const { subject, required } = one;
    const issuer = { check: 'issuer' as const, subject, required, ok: true, message: null, fix: null };
    return [issuer, { ...foundOf('issuer', one), check: 'slot' }];
  }
  const issuer = foundOf('issuer', one);
  return one.ok && one.live !== null && can.maxLive > 1 ? [issuer, { ...issuer, check: 'slot' }] : [issuer];
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** That somebody uses the secret although no target has it, where the issuer says when it was used. */
function unseenUse(issuer: Inspected, inUse: string | null, targets: number, now: Date): Found[] {
  const live = issuer.ok ? (issuer.live ?? []) : [];
  const at = live.find(({ externalId }) => externalId === inUse)?.lastUsedAt ?? null;
  if (at === null || targets > 0 || now.getTime() - at.getTime() > 30 * DAY_MS) {
    return [];
  }
  return [
    {
      check: 'use',
      subject: issuer.subject,
      required: false,
      ok: false,
      message: `The secret in use was used at ${at.toISOString()}, and no target has it: who uses it gets no new one.`,
      fix: 'Bind the targets that its consumers read from, or hand the new secret over before the old one ends.',
    },
  ];
}

/**
 * What a rotation asked for now would find before it changes anything: whether the issuer answers and permits and has a
 * free slot, whether each target can be written, and what else stands in the way. Asks the outside; changes nothing.
 */
export const probeRotation = read(
  {
    name: 'probe-rotation',
    may: ['operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ credentialId: z.uuid() }),
  },
  async ({ db }, { credentialId }): Promise<Found[]> => {
    const credential = await db.prisma.credential.findFirst({
      where: { id: credentialId, archivedAt: null },
      include: {
        issuer: true,
        bindings: { where: { archivedAt: null }, include: { target: true } },
        versions: { where: { revokedAt: null } },
        rotations: { where: { outcome: null } },
      },
    });
    if (credential === null) {
      throw notFound('credential');
    }
    const issuer = openIssuer(credential.issuer, { ...credential, table: 'credentials' });
    const { versions, rotations } = credential;
    const inUse = versions.find(({ state }) => state === 'current')?.externalId ?? null;
    const [first, ...targets] = await inspect({
      credential: credential.name,
      issuer,
      bindings: credential.bindings.map((binding) => ({
        required: binding.required,
        target: openTarget(binding.target, { ...binding, table: 'bindings' }),
      })),
      inUse,
      // What earlier rotations left is retired before a slot is needed; what an open one made, where a breach ends that.
      cleared: {
        externalIds: versions.filter(({ state }) => state !== 'current').map(({ externalId }) => externalId),
        tag: rotations[0]?.id ?? null,
      },
    });
    const standing = await standingOf(db, credentialId);
    return [
      ...(first === undefined ? [] : foundOfIssuer(first, issuer.can)),
      ...targets.map((one) => foundOf('target', one)),
      ...standing,
      ...(first === undefined ? [] : unseenUse(first, inUse, targets.length, await databaseTime())),
    ];
  },
);

export type Probed = Awaited<ReturnType<typeof probeRotation>>;
