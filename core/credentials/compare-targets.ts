import { ConnectorError, type Slot, type TargetCan, type TargetConnector } from '#connectors/contract.ts';
import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import type { Comparable } from '#core/credentials/load-comparable.ts';
import { noteFinding } from '#core/credentials/note-finding.ts';
import { noteNotRestarted, restartTarget } from '#core/credentials/restart-target.ts';
import { entriesFor } from '#core/outside/entries.ts';
import { type Opened, openTarget } from '#core/outside/open-connector.ts';
import { openFields } from '#core/vault/fields.ts';
import { stopwatch } from '#lib/clock.ts';
import { db } from '#lib/db.ts';

/** Longer than a call may be begun after the reservation, wait for its turn, and last. */
const HEALING_SECONDS = 30;
const BEGIN_MS = 10_000;

type Version = Comparable['versions'][number];
type Binding = Comparable['bindings'][number];
type Target = Opened<TargetConnector, TargetCan>;

function entriesOf(binding: Binding, version: Version) {
  const values = openFields({ table: 'secret_versions', id: version.id, field: 'sealed' }, version.sealed);
  return entriesFor(binding.fields, version.id, values);
}

const held = (target: Target, binding: Binding, version: Version, slot: Slot) =>
  target.ask(version.id, (connector, call) => connector.confirm(call, entriesOf(binding, version), slot));

/**
 * Keeps rotations from starting while a target is healed; answers until when. Null: one is open, and the engine sees to the targets, or one
 * has ended since the targets were asked, or the credential is archived.
 */
async function reserve({ id: credentialId, current }: Comparable): Promise<string | null> {
  return db().prisma.$transaction(async (tx) => {
    await tx.$queryRaw`select 1 from credentials where id = ${credentialId}::uuid for update`;
    const [reserved] = await tx.$queryRaw<{ until: string }[]>`
      update credentials set healing_until = rekey_now() + make_interval(secs => ${HEALING_SECONDS})
       where id = ${credentialId}::uuid and archived_at is null
         and exists (select 1 from secret_versions where id = ${current.id}::uuid and state = 'current')
         and not exists (select 1 from rotations where credential_id = ${credentialId}::uuid and outcome is null)
      returning healing_until::text as until`;
    return reserved?.until ?? null;
  });
}

interface Mending {
  credential: Comparable;
  target: Target;
  actor: AuditActor;
  found: string;
  cleared: string;
  /** What is noted before anything is done, so that it is known whatever happens to the worker. */
  noteFirst?: () => Promise<void>;
}

/** Does what a target needs, and tells before and after; nothing where a rotation is open. */
async function mend(
  { credential, target, actor, found, cleared, noteFirst }: Mending,
  work: () => Promise<void>,
): Promise<void> {
  const { id: credentialId, name } = credential;
  const about = { actor, credentialId, credential: name, target: target.name };
  const age = stopwatch();
  const until = await reserve(credential);
  if (until === null) {
    return;
  }
  const tell = (action: 'drift.found' | 'drift.cleared', detail: string) =>
    db().prisma.$transaction((tx) => record(tx, { action, ...about, detail }));
  try {
    await tell('drift.found', found);
    await noteFirst?.();
    // A worker that was frozen here has no reservation any more; the next comparison finds the same again.
    if (age() > BEGIN_MS) {
      return;
    }
    await work();
    await tell('drift.cleared', cleared);
  } finally {
    // Its own and no other: where this one came late, somebody else may be healing by now.
    await db().pool.query(
      'update credentials set healing_until = null where id = $1 and healing_until = $2::timestamptz',
      [credentialId, until],
    );
  }
}

/**
 * Empties NEXT where it holds a version of ours: without an open rotation nobody waits for it. Answers what is to be noted of
 * another value, which is left alone; null where NEXT is empty now, or the target cannot tell.
 */
async function compareNext(
  credential: Comparable,
  binding: Binding,
  target: Target,
  actor: AuditActor,
): Promise<string | null> {
  const { isEmpty, remove } = target.connector;
  const mayBeThere = binding.readsNext || binding.deliveries.length > 0;
  if (!target.can.holdsNext || remove === undefined || !mayBeThere) {
    return null;
  }
  const { current, versions } = credential;
  const keys = Object.values(binding.fields);
  if (isEmpty !== undefined && (await target.ask(current.id, (_connector, call) => isEmpty(call, keys)))) {
    return null;
  }
  for (const version of versions) {
    if ((await held(target, binding, version, 'next')) === 'live') {
      const found = `${target.name} holds v${version.n} as NEXT, and no rotation is open.`;
      const cleared = `v${version.n} was taken out of NEXT of ${target.name}.`;
      await mend({ credential, target, actor, found, cleared }, () =>
        target.ask(version.id, (_connector, call) => remove(call, keys, 'next')),
      );
      return null;
    }
  }
  return isEmpty === undefined
    ? null
    : `${target.name} holds a value as NEXT that is none of Rekey's, and no rotation is open.`;
}

async function compare(credential: Comparable, binding: Binding, actor: AuditActor): Promise<void> {
  const target = openTarget(binding.target, { ...binding, table: 'bindings' });
  if (target.can.readBack === 'none') {
    return;
  }
  const { current, versions } = credential;
  const note = (detail: string | null) =>
    noteFinding(credential, { bindingId: binding.id, kind: 'foreign_value', detail });
  const restarting = { credential, bindingId: binding.id, target };
  const now = await held(target, binding, current, 'primary');
  // One value of several may be hidden, also at a target that can be read.
  if (now === 'unknown') {
    return;
  }
  if (now === 'live') {
    await note(await compareNext(credential, binding, target, actor));
    return restartTarget(restarting, actor);
  }
  for (const older of versions.filter(({ id }) => id !== current.id)) {
    if ((await held(target, binding, older, 'primary')) === 'live') {
      const found = `${target.name} holds v${older.n}, and v${current.n} is current.`;
      const cleared = `${target.name} was given v${current.n} again.`;
      const noteFirst = () => noteNotRestarted(restarting, older.n);
      await mend({ credential, target, actor, found, cleared, noteFirst }, () =>
        target.ask(current.id, (connector, call) =>
          connector.deliver(call, entriesOf(binding, current), 'primary'),
        ),
      );
      if ((await held(target, binding, current, 'primary')) === 'live') {
        await restartTarget(restarting, actor);
      }
      return;
    }
  }
  await note(`${target.name} holds a value that is none of Rekey's.`);
}

/**
 * Compares every target of a credential with what it should hold. One that holds an older version of ours is given
 * the current one again and restarted where that takes a call, and a version of ours that was left in NEXT is taken out; anything
 * else is noted and left alone. A target that does not answer is compared next time, and so is what is left once `isOver`.
 */
export async function compareTargets(
  credential: Comparable,
  actor: AuditActor,
  isOver: () => boolean,
): Promise<void> {
  for (const binding of credential.bindings) {
    if (isOver()) {
      return;
    }
    await compare(credential, binding, actor).catch((error) => {
      if (!(error instanceof ConnectorError)) {
        throw error;
      }
    });
  }
}
