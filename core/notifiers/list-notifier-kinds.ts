import { z } from 'zod';
import { notifierConnectors } from '#connectors/registry.ts';
import { read } from '#core/access/use-case.ts';
import { drawForm } from '#core/outside/draw-form.ts';

/** Every kind of notifier this version knows, with the form to fill in. */
export const listNotifierKinds = read(
  {
    name: 'list-notifier-kinds',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({}),
  },
  async () =>
    [...notifierConnectors.values()].map(({ kind, title, docs, needs, proven, config }) => ({
      kind,
      title,
      docs,
      needs,
      proven,
      configForm: drawForm(config),
    })),
);
