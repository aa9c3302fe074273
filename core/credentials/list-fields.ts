import { z } from 'zod';
import { read } from '#core/access/use-case.ts';
import { VERSION_FIELD } from '#core/outside/entries.ts';
import { openFields } from '#core/vault/fields.ts';
import { notFound } from '#lib/problem.ts';

/** The names of the fields that the current version of a credential can put into a target. Values stay sealed. */
export const listFields = read(
  {
    name: 'list-fields',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'credential',
    input: z.object({ credentialId: z.uuid() }),
  },
  async ({ db }, { credentialId }) => {
    const current = await db.prisma.secretVersion.findFirst({
      where: { credentialId, state: 'current', credential: { archivedAt: null } },
      select: { id: true, sealed: true },
    });
    if (current === null) {
      throw notFound('credential');
    }
    const place = { table: 'secret_versions', id: current.id, field: 'sealed' };
    return [...Object.keys(openFields(place, current.sealed)), VERSION_FIELD];
  },
);
