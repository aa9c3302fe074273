import type { Change, Planning } from '#cli/apply/change.ts';
import { tell } from '#cli/apply/reference.ts';
import type { Configured, TargetKind } from '#cli/apply/server.ts';
import {
  type Line,
  linesBetween,
  openNames,
  told,
  type Values,
  valuesOf,
  withUsual,
} from '#cli/apply/values.ts';
import type { ConfiguredWish } from '#cli/apply/wish.ts';

/** Lines that say where secrets are read from. */
export const secretLines = ({ secrets }: Values, prefix: string): Line[] =>
  Object.entries(secrets).map(([name, { reference }]) => ({
    field: `${prefix}${name}`,
    from: null,
    to: tell(reference),
  }));

/** Lines that say what a new thing has. */
export const plainLines = ({ plain }: Values, prefix: string): Line[] =>
  Object.entries(plain).map(([name, value]) => ({ field: `${prefix}${name}`, from: null, to: told(value) }));

interface Room {
  readonly what: 'issuer' | 'target';
  readonly room: 'issuers' | 'targets';
  readonly kinds: ReadonlyMap<string, TargetKind>;
}

function planOne(
  { source, faults, renews }: Planning,
  { what, room, kinds }: Room,
  [name, wish]: [string, ConfiguredWish],
  there: Configured | undefined,
): Change[] {
  const path = [room, name];
  const kind = kinds.get(wish.kind);
  if (kind === undefined) {
    const known = [...kinds.keys()].join(', ');
    faults.push(
      `${source.at([...path, 'kind'])}: ${room}.${name}.kind: There is no such kind of ${what}. There are ${known}.`,
    );
    return [];
  }
  const values = valuesOf(source, faults, [...path, 'config'], kind.configForm, wish.config);
  const about = { what, name, path, values: [values] } as const;
  if (there === undefined) {
    const lines = [
      { field: 'kind', from: null, to: wish.kind },
      ...plainLines(values, 'config.'),
      ...secretLines(values, 'config.'),
    ];
    const send: Change['send'] = (_ids, open) => ({
      method: 'POST',
      path: `/${room}`,
      body: { name, kind: wish.kind, config: open(values) },
    });
    return [{ ...about, action: 'create', lines, send, makes: room }];
  }
  if (there.kind !== wish.kind) {
    const lines = [{ field: 'kind', from: there.kind, to: wish.kind }];
    return [{ ...about, values: [], action: 'differs', lines }];
  }
  const names = openNames(kind.configForm);
  const lines = linesBetween(names, there.config, withUsual(kind.configForm, values), 'config.');
  const secrets = lines.length > 0 || renews ? secretLines(values, 'config.') : [];
  if (lines.length + secrets.length === 0) return [];
  const send: Change['send'] = (_ids, open) => ({
    method: 'PUT',
    path: `/${room}/${there.id}`,
    body: { config: open(values) },
  });
  return [{ ...about, action: 'change', lines: [...lines, ...secrets], send }];
}

/** Issuers and targets: their configs, as far as they are no secrets, are compared; all of a config is sent. */
export function planConfigured(planning: Planning): Change[] {
  const { source, server } = planning;
  const { issuers, targets } = source.wish;
  const issuerRoom = { what: 'issuer', room: 'issuers', kinds: server.issuerKinds } as const;
  const targetRoom = { what: 'target', room: 'targets', kinds: server.targetKinds } as const;
  return [
    ...Object.entries(issuers).flatMap((one) =>
      planOne(planning, issuerRoom, one, server.issuers.get(one[0])),
    ),
    ...Object.entries(targets).flatMap((one) =>
      planOne(planning, targetRoom, one, server.targets.get(one[0])),
    ),
  ];
}
