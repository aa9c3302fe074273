import { issuerConnectors, targetConnectors } from '#connectors/registry.ts';
import { hasSettings } from '#core/outside/has-settings.ts';

interface System {
  id: string;
  name: string;
  kind: string;
}

/** What the rotation signs in to: the issuer and each target once, as far as they have settings that can be others. */
export function systemsOf(issuer: System, bindings: readonly { target: System; archivedAt: Date | null }[]) {
  const bound = bindings.filter(({ archivedAt }) => archivedAt === null);
  const targets = new Map(bound.map(({ target }) => [target.id, target]));
  return [
    ...(hasSettings(issuerConnectors.get(issuer.kind)) ? [{ of: 'issuers' as const, ...named(issuer) }] : []),
    ...[...targets.values()]
      .filter(({ kind }) => hasSettings(targetConnectors.get(kind)))
      .map((target) => ({ of: 'targets' as const, ...named(target) })),
  ];
}

const named = ({ id, name }: System) => ({ id, name });
