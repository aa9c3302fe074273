import { z } from 'zod';
import { issuerConnector } from '#connectors/registry.ts';
import { auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { changesOfConfig } from '#core/audit/changes.ts';
import { record } from '#core/audit/record.ts';
import { asProblem } from '#core/outside/as-problem.ts';
import { checkAddresses } from '#core/outside/check-addresses.ts';
import { leadsElsewhere } from '#core/outside/leads-elsewhere.ts';
import type { ConfiguredRow } from '#core/outside/open-config.ts';
import { openIssuer } from '#core/outside/open-connector.ts';
import { separateSecrets } from '#core/outside/separate-secrets.ts';
import { openFields, sealFields } from '#core/vault/fields.ts';
import type { Database } from '#lib/db.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({ issuerId: z.uuid(), config: z.record(z.string(), z.unknown()) });

const nothing = 'Nothing was changed.';

/** Under settings that lead elsewhere, old secrets would pass for gone and live on; so the oldest credential signs in. */
async function requireSameIssuer(db: Database, row: ConfiguredRow, before: unknown): Promise<void> {
  const credential = await db.prisma.credential.findFirst({
    where: { issuerId: row.id, archivedAt: null },
    orderBy: { id: 'asc' },
    include: { versions: { where: { state: 'current' } } },
  });
  const current = credential?.versions[0];
  if (credential == null || current === undefined) {
    return;
  }
  const elsewhere = leadsElsewhere(before, row.config as Record<string, unknown>);
  if (elsewhere.length > 0) {
    const sentence = `${elsewhere.join(', ')} of ${row.name} leads to another server, and stored secrets are sent to none that came later.`;
    throw new Problem(
      409,
      'leads_elsewhere',
      `${sentence} ${nothing} Add it as an issuer of its own, and import its credentials there.`,
    );
  }
  const issuer = openIssuer(row, { ...credential, table: 'credentials' });
  const place = { table: 'secret_versions', id: current.id, field: 'sealed' } as const;
  const fields = openFields(place, current.sealed);
  const verdict = await asProblem(nothing, async () => {
    await issuer.ask(null, (connector, call) => connector.check(call));
    return issuer.ask(null, (connector, call) => connector.verify(call, fields));
  });
  if (verdict !== 'accepted') {
    const sentence = `With these settings ${row.name} does not accept the current secret of ${credential.name}, so it may be another issuer.`;
    throw new Problem(422, 'secret_refused', `${sentence} ${nothing} Add it as an issuer of its own.`);
  }
}

/**
 * Gives an issuer another config. All of it is given, also its secrets, and one that has credentials stays at its server: no stored
 * secret is sent to one that came later. The oldest credential is checked and signs in with it first; a rotation under way refuses it.
 */
export const changeIssuer = useCase(
  { name: 'change-issuer', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { issuerId: id, config }) => {
    const row = await db.prisma.issuer.findUnique({ where: { id, archivedAt: null } });
    if (row === null) {
      throw notFound('issuer');
    }
    const { plain, secrets } = separateSecrets('config', issuerConnector(row.kind).config, config);
    await checkAddresses('config', plain);
    const sealed = sealFields({ table: 'issuers', id, field: 'sealed' }, secrets);
    await requireSameIssuer(db, { ...row, config: plain, sealed }, row.config);
    await db.prisma.$transaction(async (tx) => {
      const open = await tx.rotation.findFirst({
        where: { outcome: null, credential: { issuerId: id } },
        include: { credential: { select: { name: true } } },
      });
      if (open !== null) {
        const sentence = `${open.credential.name} is being rotated at ${row.name}.`;
        throw new Problem(409, 'rotation_open', `${sentence} ${nothing} Do it again once that has ended.`);
      }
      await tx.issuer.update({ where: { id }, data: { config: plain as object, sealed } });
      const changes = changesOfConfig(row.config, plain);
      const { name, kind } = row;
      await record(tx, {
        action: 'issuer.changed',
        actor: auditActor(actor),
        id,
        name,
        kind,
        changes,
        secrets: Object.keys(secrets),
      });
    });
  },
);
