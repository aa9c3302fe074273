import { z } from 'zod';
import { type Actor, auditActor } from '#core/access/actor.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { storedList } from '#core/backup/list-item.ts';
import { RESTORED, TAKE_AS_OWN } from '#core/backup/restoration.ts';
import type { Db } from '#lib/db.ts';
import { Problem } from '#lib/problem.ts';

/** What was compared longer ago than this is compared again. */
const HOUR_MS = 60 * 60_000;

const input = z.object({
  /** When the list was made that was read. */
  comparedAt: z.iso.datetime(),
  /** On the command line: the e-mail address of the admin who read it. */
  readBy: z.string().trim().toLowerCase().optional(),
});

const nothing = 'Nothing was changed.';

/** Who read the list, by name. */
async function readerOf(tx: Db, actor: Actor, email: string | undefined): Promise<string> {
  if (actor.kind !== 'system') {
    return actor.name;
  }
  const user = await tx.user.findFirst({ where: { email: email ?? '', role: 'admin', disabledAt: null } });
  if (user === null) {
    const sentence = `An admin has to have read the list, and ${email ?? 'nobody'} is none here. ${nothing}`;
    throw new Problem(403, 'no_admin', sentence);
  }
  return user.email;
}

/**
 * Lets everything go on after a restore, once issuers and targets were compared within the last hour and an admin read the list. What was
 * not proven stays paused by itself.
 */
export const resumeRestored = useCase(
  { name: 'resume-restored', may: ['admin'], stepUp: true, scope: 'everything', input },
  async ({ actor, db }, { comparedAt, readBy }) => {
    await db.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`select 1 from restorations where resumed_at is null for update`;
      const open = await tx.restoration.findFirst({ where: { resumedAt: null } });
      if (open === null) {
        throw new Problem(
          409,
          'not_restored',
          `This database was not restored, or goes on already. ${nothing}`,
        );
      }
      if (open.comparedAt === null || open.comparedAt.getTime() !== new Date(comparedAt).getTime()) {
        throw new Problem(409, 'other_list', `Another list was made since. Read that one first. ${nothing}`);
      }
      const [row] = await tx.$queryRaw<{ now: Date }[]>`select rekey_now() as now`;
      if (row === undefined || row.now.getTime() - open.comparedAt.getTime() > HOUR_MS) {
        throw new Problem(409, 'old_list', `This list is more than an hour old. Compare again. ${nothing}`);
      }
      const reader = await readerOf(tx, actor, readBy);
      const unproven = storedList.parse(open.list).filter(({ outcome }) => outcome === 'unproven').length;
      await tx.$executeRaw`
        update restorations set resumed_at = rekey_now(), resumed_by = ${reader} where id = ${open.id}::uuid`;
      await tx.standstill.deleteMany({ where: { id: RESTORED } });
      await tx.$executeRawUnsafe(TAKE_AS_OWN);
      await record(tx, { action: 'database.resumed', actor: auditActor(actor), readBy: reader, unproven });
    });
  },
);
