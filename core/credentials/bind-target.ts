import { z } from 'zod';
import type { Entries } from '#connectors/contract.ts';
import { targetConnector } from '#connectors/registry.ts';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { requireFreeKeys, requireSettings, requireShown } from '#core/credentials/binding-rules.ts';
import { requireBindable } from '#core/credentials/require-bindable.ts';
import { asProblem } from '#core/outside/as-problem.ts';
import { checkAddresses } from '#core/outside/check-addresses.ts';
import { entriesFor, VERSION_FIELD } from '#core/outside/entries.ts';
import { levels } from '#core/outside/levels.ts';
import { openTarget } from '#core/outside/open-connector.ts';
import { separateSecrets } from '#core/outside/separate-secrets.ts';
import { openFields, sealFields } from '#core/vault/fields.ts';
import type { Db } from '#lib/db.ts';
import { newId } from '#lib/new-id.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({
  credentialId: z.uuid(),
  targetId: z.uuid(),
  place: z.record(z.string(), z.unknown()),
  /** Field of the credential → key at the target. */
  fields: z
    .record(z.string(), z.string().trim().min(1))
    .refine((fields) => Object.keys(fields).length > 0, 'Name a key for at least one field.'),
  required: z.boolean().default(true),
  /** It is delivered to first, and the others once it has confirmed. */
  canary: z.boolean().default(false),
  /** The application uses the NEXT value when the current one is refused. */
  readsNext: z.boolean().default(false),
  needs: z.enum(levels).optional(),
  consumerUrl: z.url().optional(),
});

const nothing = 'Nothing was saved.';

/** Every bound field exists, and no two go to the same key, where one would overwrite the other. */
function requireFields(fields: Readonly<Record<string, string>>, known: readonly string[]): void {
  const taken = new Set<string>();
  for (const [field, key] of Object.entries(fields)) {
    const sentence = known.includes(field)
      ? `Two fields go to the key ${key}.`
      : `The current version has no field ${field}. It has ${known.join(', ')}.`;
    if (!known.includes(field) || taken.has(key)) {
      throw new Problem(400, 'bad_input', `${sentence} ${nothing}`, {}, { [`fields.${field}`]: sentence });
    }
    taken.add(key);
  }
}

/** A target that holds one value only is no place for a NEXT one, whatever the application can do. */
function requireNext(target: { name: string; can: { holdsNext: boolean } }): void {
  if (!target.can.holdsNext) {
    const sentence = `${target.name} holds one value of a key and no NEXT value beside it, so the application cannot use one.`;
    throw new Problem(
      422,
      'holds_no_next',
      `${sentence} ${nothing} Bind it without this statement.`,
      {},
      { readsNext: sentence },
    );
  }
}

type Target = ReturnType<typeof openTarget>;

/** Asks the target whether it can be written, before it is. */
async function requireReady(
  target: Target,
  versionId: string,
  entries: Entries,
  readsNext: boolean,
): Promise<void> {
  await asProblem(nothing, async () => {
    await target.ask(null, (connector, call) => connector.check(call));
    if (readsNext) {
      // A receiver may hold one value only, whatever its kind can do.
      await target.ask(versionId, (connector, call) => connector.confirm(call, entries, 'next'));
    }
  });
}

/** Whatever is refused once the target was given the version says so: nothing is saved, and the value may lie there. */
async function onceGiven<T>(given: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem) {
      const { status, code, message, extra, fields } = error;
      throw new Problem(status, code, `${message} ${given}`, extra, fields);
    }
    throw error;
  }
}

/** Delivers the version in use and asks the target for it. Answers how far that came. */
async function deliverFirst(
  target: Target,
  versionId: string,
  entries: Entries,
): Promise<'accepted' | 'read_back'> {
  const held = await asProblem(nothing, async () => {
    await target.ask(versionId, (connector, call) => connector.deliver(call, entries, 'primary'));
    return target.ask(versionId, (connector, call) => connector.confirm(call, entries, 'primary'));
  });
  if (held === 'pending') {
    const sentence = `${target.name} took the delivery but does not hold it. ${nothing}`;
    throw new Problem(422, 'not_confirmed', sentence);
  }
  return held === 'live' ? 'read_back' : 'accepted';
}

/** Nobody archives the target before the binding is stored. Throws a `Problem` 404 where somebody has. */
async function keepTarget(tx: Db, targetId: string): Promise<void> {
  const kept = await tx.$queryRaw<unknown[]>`
    select 1 from targets where id = ${targetId}::uuid and archived_at is null for key share`;
  if (kept.length === 0) {
    throw notFound('target');
  }
}

/** Of two bindings made at the same moment, the second one sees the keys of the first. */
async function lockKeys(tx: Db, targetId: string): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('keys of ' || ${targetId}, 0))`;
}

/**
 * Binds fields of a credential to keys of a target. The current version is delivered and confirmed first, so that a
 * binding that exists is one that works; before that it is recorded what the target is given, and a refusal that comes after says
 * so. Where consumers fetch from the target, it is there for them from then on. Where the application uses NEXT, the target must
 * be able to hold it. Refused while a rotation is under way that would pass it over.
 */
export const bindTarget = useCase(
  { name: 'bind-target', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor, db }, wish) => {
    const { credentialId, targetId, fields, required, canary, readsNext, consumerUrl } = wish;
    const credential = await db.prisma.credential.findUnique({
      where: { id: credentialId, archivedAt: null },
      include: { versions: { where: { state: 'current' } }, assignment: { include: { policy: true } } },
    });
    const row = await db.prisma.target.findUnique({ where: { id: targetId, archivedAt: null } });
    const current = credential?.versions[0];
    if (credential === null || row === null || current === undefined) {
      throw notFound(row === null ? 'target' : 'credential');
    }
    if (consumerUrl !== undefined) {
      await checkAddresses(null, { consumerUrl });
    }
    const { plain, secrets } = separateSecrets('place', targetConnector(row.kind).place, wish.place);
    await checkAddresses('place', plain, secrets);
    const id = newId();
    const sealed = sealFields({ table: 'bindings', id, field: 'sealed' }, secrets);
    const target = openTarget(row, { table: 'bindings', id, place: plain, sealed });
    if (readsNext) {
      requireNext(target);
    }
    const settings = { required, canary, needs: wish.needs ?? 'accepted', consumerUrl } as const;
    requireSettings(settings, target, credential.assignment?.policy);
    const isFetched = target.can.readBack === 'fetched';

    const values = openFields({ table: 'secret_versions', id: current.id, field: 'sealed' }, current.sealed);
    requireFields(fields, [...Object.keys(values), VERSION_FIELD]);
    const entries = entriesFor(fields, current.id, values);
    const whose = { credentialId, targetId, targetName: row.name, kind: row.kind };
    const wanted = { ...whose, place: plain, fields, readsNext };
    await requireFreeKeys(db.prisma, wanted);
    const begun = { credentialId, versionId: current.id, target: row.name };
    // Asked before anything is written, and again in the commit.
    await db.prisma.$transaction((tx) => requireBindable(tx, begun));
    await requireReady(target, current.id, entries, readsNext);
    const keys = Object.values(fields);
    const about = { actor: auditActor(actor), credentialId, credential: credential.name, target: row.name };
    const version = { version: current.n, fingerprint: current.fingerprint.slice(0, 12) };
    await record(db.prisma, { action: 'binding.begun', ...about, ...version, keys });

    const given = `${row.name} was given v${current.n} of ${credential.name} before that, and may hold it.`;
    await onceGiven(given, async () => {
      const level = await deliverFirst(target, current.id, entries);
      // Nobody can have fetched it before the binding is there.
      const needs = wish.needs ?? (isFetched ? 'read_back' : level);
      if (needs === 'read_back') {
        requireShown(level === 'read_back', target);
      }
      const flags = { required, canary, readsNext, needs, consumerUrl: consumerUrl ?? null };
      await db.prisma.$transaction(async (tx) => {
        await requireBindable(tx, begun);
        await keepTarget(tx, targetId);
        await lockKeys(tx, targetId);
        await requireFreeKeys(tx, wanted);
        await tx.binding.create({
          data: { id, credentialId, targetId, place: plain as object, sealed, fields, ...flags },
        });
        await tx.$executeRaw`
          insert into deliveries (version_id, binding_id, slot, level, confirmed_at, updated_at)
          values (${current.id}::uuid, ${id}::uuid, 'primary', ${level}, rekey_now(), rekey_now())`;
        // It took a delivery, and nothing tells more of its health than that.
        await tx.$executeRaw`
          update targets set health = 'healthy', checked_at = rekey_now(), checked_by = 'binding'
           where id = ${targetId}::uuid`;
        await record(tx, { action: 'binding.created', ...about, keys, readsNext });
      });
    });
    return { id };
  },
);
