import { z } from 'zod';
import { targetConnectors } from '#connectors/registry.ts';
import { read } from '#core/access/use-case.ts';
import { drawForm } from '#core/outside/draw-form.ts';
import { usualAbilities } from '#core/outside/usual-abilities.ts';

/** Every kind of target this version knows, with what it can do and the forms to fill in. */
export const listTargetKinds = read(
  {
    name: 'list-target-kinds',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({}),
  },
  async () =>
    [...targetConnectors.values()].map((connector) => {
      const configForm = drawForm(connector.config);
      const placeForm = drawForm(connector.place);
      const { kind, title, aliases = [], docs, needs, proven } = connector;
      return {
        kind,
        title,
        /** Other names by which people look for it. */
        aliases,
        docs,
        needs,
        proven,
        configForm,
        placeForm,
        can: usualAbilities(connector),
      };
    }),
);

export type TargetKind = Awaited<ReturnType<typeof listTargetKinds>>[number];
