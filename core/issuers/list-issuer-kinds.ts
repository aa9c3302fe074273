import { z } from 'zod';
import { issuerConnectors } from '#connectors/registry.ts';
import { read } from '#core/access/use-case.ts';
import { drawForm } from '#core/outside/draw-form.ts';
import { usualAbilities } from '#core/outside/usual-abilities.ts';

/** Every kind of issuer this version knows, with what it can do and the forms to fill in. */
export const listIssuerKinds = read(
  {
    name: 'list-issuer-kinds',
    may: ['viewer', 'auditor', 'operator', 'approver', 'admin'],
    scope: 'everything',
    input: z.object({}),
  },
  async () =>
    [...issuerConnectors.values()].map((connector) => {
      const configForm = drawForm(connector.config);
      const placeForm = drawForm(connector.place);
      const { kind, title, aliases = [], docs, needs, proven, secretField } = connector;
      return {
        kind,
        title,
        /** Other names by which people look for it. */
        aliases,
        docs,
        needs,
        proven,
        /** False: a person rotates in the vendor's own app, and Rekey does the rest. */
        hasApi: connector.issue !== undefined,
        /** It can be asked what it has, to pick from. */
        canBrowse: connector.browse !== undefined,
        secretField,
        /** The first value can be made here instead of being given. */
        canMakeFirst: connector.standsAlone === true,
        configForm,
        placeForm,
        can: usualAbilities(connector),
      };
    }),
);

export type IssuerKind = Awaited<ReturnType<typeof listIssuerKinds>>[number];
