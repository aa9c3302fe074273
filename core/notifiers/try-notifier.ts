import { z } from 'zod';
import { useCase } from '#core/access/use-case.ts';
import { forgetGivenUp } from '#core/notifiers/forget-given-up.ts';
import { asCheck } from '#core/outside/as-check.ts';
import { openNotifier } from '#core/outside/open-connector.ts';
import { env } from '#lib/env.ts';
import { newId } from '#lib/new-id.ts';
import { notFound } from '#lib/problem.ts';

const input = z.object({ notifierId: z.uuid() });

/** Sends one message that says it is a test. Once one is taken, what was given up before and still stands is told of again. */
export const tryNotifier = useCase(
  { name: 'try-notifier', may: ['admin'], stepUp: false, scope: 'everything', input },
  async ({ actor, db }, { notifierId }) => {
    const row = await db.prisma.notifier.findUnique({ where: { id: notifierId } });
    if (row === null) {
      throw notFound('notifier');
    }
    const notice = {
      id: newId(),
      kind: 'test',
      title: 'This is a test',
      detail: `${actor.name} tried whether ${row.name} reaches you. There is nothing to do.`,
      url: new URL('/notifiers', env().REKEY_URL).href,
      at: new Date(),
    };
    const result = await asCheck(`${row.name} took a test message.`, () =>
      openNotifier(row).ask((connector, call) => connector.send(call, [notice])),
    );
    const change = result.ok ? { error: null } : { error: result.message };
    await db.prisma.$transaction(async (tx) => {
      await tx.notifier.update({ where: { id: notifierId }, data: change });
      if (result.ok) {
        await forgetGivenUp(tx, notifierId);
      }
    });
    return result;
  },
);
