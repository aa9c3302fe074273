import { z } from 'zod';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { changesOfConfig } from '#core/audit/changes.ts';
import { record } from '#core/audit/record.ts';
import { requireSettings, requireShown, type Settings } from '#core/credentials/binding-rules.ts';
import { type LockedBinding, lockBinding, readBound } from '#core/credentials/lock-binding.ts';
import { asProblem } from '#core/outside/as-problem.ts';
import { checkAddresses } from '#core/outside/check-addresses.ts';
import { entriesFor } from '#core/outside/entries.ts';
import { levels, reaches } from '#core/outside/levels.ts';
import { openTarget } from '#core/outside/open-connector.ts';
import { openFields } from '#core/vault/fields.ts';
import type { Database } from '#lib/db.ts';

const input = z.object({
  bindingId: z.uuid(),
  required: z.boolean().optional(),
  /** It is delivered to first, and the others once it has confirmed. */
  canary: z.boolean().optional(),
  needs: z.enum(levels).optional(),
  /** Where the application says which version it uses; null takes it away. */
  consumerUrl: z.url().nullable().optional(),
});

type Wish = z.output<typeof input>;

const keys = z.record(z.string(), z.string());
const level = z.enum(levels);

const opened = (row: LockedBinding) => openTarget(row.target, { ...row, table: 'bindings' });

/** The binding's settings as they are, with what is wished laid over them. */
function settingsOf(row: LockedBinding, wish: Partial<Wish>): Settings {
  return {
    required: wish.required ?? row.required,
    canary: wish.canary ?? row.canary,
    needs: wish.needs ?? level.parse(row.needs),
    consumerUrl: wish.consumerUrl === undefined ? row.consumerUrl : wish.consumerUrl,
  };
}

/** A level that was not wanted so far is one that the target can show: it is asked for the version in use. */
async function askTarget(db: Database, row: LockedBinding, wish: Wish): Promise<void> {
  const { needs = 'accepted' } = wish;
  if (needs !== 'read_back' || reaches(level.parse(row.needs), needs)) {
    return;
  }
  const { credentialId } = row;
  const current = await db.prisma.secretVersion.findFirst({ where: { credentialId, state: 'current' } });
  if (current === null) {
    return;
  }
  const values = openFields({ table: 'secret_versions', id: current.id, field: 'sealed' }, current.sealed);
  const entries = entriesFor(keys.parse(row.fields), current.id, values);
  const target = opened(row);
  const held = await asProblem('Nothing was changed.', () =>
    target.ask(current.id, (connector, call) => connector.confirm(call, entries, 'primary')),
  );
  requireShown(held !== 'unknown', target);
}

const requireAllowed = (row: LockedBinding, settings: Settings) =>
  requireSettings(settings, opened(row), row.credential.assignment?.policy);

/** For those who read the audit: no value is `none`, and of an address its server alone. */
const told = ({ consumerUrl, ...rest }: Settings) => ({
  ...rest,
  consumerUrl: consumerUrl ?? 'none',
});

/**
 * Changes how a binding is delivered to: whether rotations wait for it, whether it comes first, how far its deliveries are proven, and
 * where its application is asked. What is left out stays. Nothing is delivered for it; refused while a rotation of the credential is open.
 */
export const changeBinding = useCase(
  { name: 'change-binding', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor, db }, wish) => {
    if (typeof wish.consumerUrl === 'string') {
      await checkAddresses(null, { consumerUrl: wish.consumerUrl });
    }
    const seen = await readBound(db.prisma, wish.bindingId);
    requireAllowed(seen, settingsOf(seen, wish));
    await askTarget(db, seen, wish);
    await db.prisma.$transaction(async (tx) => {
      const row = await lockBinding(tx, wish.bindingId);
      const after = settingsOf(row, wish);
      // Somebody else may have changed the rest of it, or given the credential another policy.
      requireAllowed(row, after);
      const changes = changesOfConfig(told(settingsOf(row, {})), told(after));
      if (changes.length === 0) {
        return;
      }
      await tx.binding.update({ where: { id: row.id }, data: after });
      await record(tx, {
        action: 'binding.changed',
        actor: auditActor(actor),
        credentialId: row.credentialId,
        credential: row.credential.name,
        target: row.target.name,
        changes,
      });
    });
  },
);
