import { ConnectorError, type TargetCan, type TargetConnector } from '#connectors/contract.ts';
import type { AuditActor } from '#core/audit/events.ts';
import { record } from '#core/audit/record.ts';
import type { Comparable } from '#core/credentials/load-comparable.ts';
import { noteFinding } from '#core/credentials/note-finding.ts';
import { entriesFor } from '#core/outside/entries.ts';
import { type Opened, openTarget } from '#core/outside/open-connector.ts';
import { openFields } from '#core/vault/fields.ts';
import { db } from '#lib/db.ts';

/** Longer than one call may last. */
const HEALING_SECONDS = 15;

type Version = Comparable['versions'][number];
type Binding = Comparable['bindings'][number];
type Target = Opened<TargetConnector, TargetCan>;

function entriesOf(binding: Binding, version: Version) {
  const values = openFields({ table: 'secret_versions', id: version.id, field: 'sealed' }, version.sealed);
  return entriesFor(binding.fields, version.id, values);
}

const held = (target: Target, binding: Binding, version: Version) =>
  target.ask(version.id, (connector, call) =>
    connector.confirm(call, entriesOf(binding, version), 'primary'),
  );

/** Keeps rotations from starting while a target is healed. False: one is open, and the engine sees to the targets. */
async function reserve(credentialId: string): Promise<boolean> {
  return db().prisma.$transaction(async (tx) => {
    await tx.$queryRaw`select 1 from credentials where id = ${credentialId}::uuid for update`;
    const reserved = await tx.$executeRaw`
      update credentials set healing_until = rekey_now() + make_interval(secs => ${HEALING_SECONDS})
       where id = ${credentialId}::uuid
         and not exists (select 1 from rotations where credential_id = ${credentialId}::uuid and outcome is null)`;
    return reserved === 1;
  });
}

async function heal(
  credential: Comparable,
  binding: Binding,
  target: Target,
  actor: AuditActor,
  older: Version,
) {
  const { id: credentialId, name, current } = credential;
  const about = { actor, credentialId, credential: name, target: target.name };
  if (!(await reserve(credentialId))) {
    return;
  }
  const tell = (action: 'drift.found' | 'drift.cleared', detail: string) =>
    db().prisma.$transaction((tx) => record(tx, { action, ...about, detail }));
  try {
    await tell('drift.found', `${target.name} holds v${older.n}, and v${current.n} is current.`);
    const entries = entriesOf(binding, current);
    await target.ask(current.id, (connector, call) => connector.deliver(call, entries, 'primary'));
    await tell('drift.cleared', `${target.name} was given v${current.n} again.`);
  } finally {
    await db().pool.query('update credentials set healing_until = null where id = $1', [credentialId]);
  }
}

async function compare(credential: Comparable, binding: Binding, actor: AuditActor): Promise<void> {
  const target = openTarget(binding.target, { ...binding, table: 'bindings' });
  if (target.can.readBack === 'none') {
    return;
  }
  const { current, versions } = credential;
  const now = await held(target, binding, current);
  // One value of several may be hidden, also at a target that can be read.
  if (now === 'unknown') {
    return;
  }
  if (now === 'live') {
    return noteFinding(credential, { bindingId: binding.id, kind: 'foreign_value', detail: null });
  }
  for (const older of versions.filter(({ id }) => id !== current.id)) {
    if ((await held(target, binding, older)) === 'live') {
      return heal(credential, binding, target, actor, older);
    }
  }
  await noteFinding(credential, {
    bindingId: binding.id,
    kind: 'foreign_value',
    detail: `${target.name} holds a value that is none of Rekey's.`,
  });
}

/**
 * Compares every target of a credential with what it should hold. One that holds an older version of ours is given
 * the current one again; anything else is noted and left alone. A target that does not answer is compared next time.
 */
export async function compareTargets(credential: Comparable, actor: AuditActor): Promise<void> {
  for (const binding of credential.bindings) {
    await compare(credential, binding, actor).catch((error) => {
      if (!(error instanceof ConnectorError)) {
        throw error;
      }
    });
  }
}
