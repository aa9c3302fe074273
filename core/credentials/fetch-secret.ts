import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Entries } from '#connectors/contract.ts';
import { type Actor, auditActor, roles } from '#core/access/actor.ts';
import { type Context, useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { findFetchable } from '#core/credentials/find-fetchable.ts';
import { entriesFor } from '#core/outside/entries.ts';
import { openFields } from '#core/vault/fields.ts';
import type { Database, Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

const LONGEST_SECONDS = 30;
const LOOK_MS = 500;

const input = z.object({
  bindingId: z.uuid(),
  /** Tags of what the consumer has already; what has one of them is not answered again. */
  has: z.array(z.string()).default([]),
  /** How long to wait for something else to be served than what the consumer has. */
  waitSeconds: z.number().min(0).max(LONGEST_SECONDS).default(0),
  /** Ends the wait. */
  signal: z.instanceof(AbortSignal).optional(),
});

type Found = Awaited<ReturnType<typeof findFetchable>>;
type Served = Pick<Found['served'][number], 'slot' | 'versionId'>;

interface Version {
  readonly version: string;
  readonly entries: Entries;
}

/** What is served, as one word: the version, and the one beside it in the slot `next`. */
const tagOf = (served: readonly Served[]) => served.map(({ versionId }) => versionId).join('+');

/** Waits until something else is served than what the consumer has, or the time is over. */
async function waitForOther(db: Database, wish: z.output<typeof input>): Promise<void> {
  const { bindingId, has, waitSeconds, signal } = wish;
  const end = performance.now() + waitSeconds * 1000;
  for (;;) {
    const served = await db.prisma.servedVersion.findMany({
      where: { bindingId },
      orderBy: { slot: 'desc' },
      select: { slot: true, versionId: true },
    });
    const left = end - performance.now();
    if (!has.includes(tagOf(served as Served[])) || left <= 0 || signal?.aborted) {
      return;
    }
    await sleep(Math.min(LOOK_MS, left), undefined, { signal }).catch(() => undefined);
  }
}

/** Opens a version as what goes to the keys that are served. */
async function openServed(tx: Db, { binding }: Found, { versionId, keys }: Found['served'][number]) {
  const row = await tx.secretVersion.findUniqueOrThrow({ where: { id: versionId } });
  const fields = z.record(z.string(), z.string()).parse(binding.fields);
  const wanted = Object.fromEntries(Object.entries(fields).filter(([, key]) => keys.includes(key)));
  const values = openFields({ table: 'secret_versions', id: versionId, field: 'sealed' }, row.sealed);
  return { row, entries: entriesFor(wanted, versionId, values) };
}

/** Notes that the consumer has a version. The first time is an event of the audit. */
async function note(tx: Db, actor: Actor, found: Found, served: Found['served'][number]): Promise<void> {
  const { binding, clientId } = found;
  const { slot, versionId, serving } = served;
  const [row] = await tx.$queryRaw<{ first: boolean }[]>`
    insert into secret_fetches (binding_id, slot, version_id, client_id, serving)
    values (${binding.id}::uuid, ${slot}, ${versionId}::uuid, ${clientId}::uuid, ${serving})
    on conflict (binding_id, slot, version_id, client_id) do update
      set serving = excluded.serving, last_at = excluded.last_at
    returning xmax = 0 as first`;
  if (row?.first === true) {
    const { n, fingerprint } = await tx.secretVersion.findUniqueOrThrow({ where: { id: versionId } });
    await record(tx, {
      action: 'secret.fetched',
      actor: auditActor(actor),
      credentialId: binding.credentialId,
      credential: binding.credential.name,
      target: binding.target.name,
      version: n,
      fingerprint: fingerprint.slice(0, 12),
      slot,
    });
  }
}

/** In a restored database the version that is served may have died since. */
async function refuseRestored(tx: Db): Promise<void> {
  const [row] = await tx.$queryRaw<{ restored: boolean }[]>`select is_restored() as restored`;
  if (row?.restored === true) {
    throw new Problem(
      409,
      'restored',
      'This Rekey was restored from a backup and serves nothing before it was compared with issuers and targets. Go on with the secret you have.',
    );
  }
}

/** Null: the consumer has it already. */
async function take({ actor, db }: Context, wish: z.output<typeof input>) {
  const { bindingId, has, signal } = wish;
  return db.prisma.$transaction(async (tx) => {
    // Again, since the wait may have been long.
    await refuseRestored(tx);
    const found = await findFetchable(tx, actor, bindingId);
    const tag = tagOf(found.served);
    if (found.served[0]?.slot !== 'primary') {
      throw new Problem(404, 'nothing_served', 'No version was delivered to this binding yet.');
    }
    const isKnown = has.includes(tag);
    const opened: Partial<Record<Served['slot'], Version>> = {};
    for (const served of isKnown ? [] : found.served) {
      const { entries } = await openServed(tx, found, served);
      opened[served.slot] = { version: served.versionId, entries };
    }
    // Whoever went away in the meantime has nothing.
    if (!signal?.aborted) {
      for (const served of found.served) {
        await note(tx, actor, found, served);
      }
    }
    const { primary, next } = opened;
    return { tag, secret: primary === undefined ? null : { ...primary, ...(next && { next }) } };
  });
}

/**
 * The values that are served to a binding, opened for the one who uses them, and those of the slot `next` where there are any.
 * `secret` is null where the consumer has them already: that it says so counts as a fetch, because it shows that it has them.
 * Waits where that is wished for. Everybody but an API client that was allowed for this binding is refused, before and after
 * the wait.
 */
export const fetchSecret = useCase(
  { name: 'fetch-secret', may: roles, stepUp: false, scope: 'own', input },
  async (context, wish) => {
    const { actor, db } = context;
    await db.prisma.$transaction(async (tx) => {
      await refuseRestored(tx);
      await findFetchable(tx, actor, wish.bindingId);
    });
    await waitForOther(db, wish);
    return take(context, wish);
  },
);
