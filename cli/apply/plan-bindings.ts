import { isDeepStrictEqual } from 'node:util';
import { type Change, idOf, type Planning } from '#cli/apply/change.ts';
import { plainLines, secretLines } from '#cli/apply/plan-configured.ts';
import type { BindingThere, CredentialThere, TargetKind } from '#cli/apply/server.ts';
import { linesBetween, openNames, type Values, valuesOf, withUsual } from '#cli/apply/values.ts';
import type { BindingWish, CredentialWish } from '#cli/apply/wish.ts';

/** The binding at the same place of the same target that has these fields, or shares one of its keys. */
function findSame(
  bindings: readonly BindingThere[],
  wish: BindingWish,
  { placeForm }: TargetKind,
  place: Values,
): BindingThere | undefined {
  const wanted = withUsual(placeForm, place);
  const near = bindings.filter(
    (one) => one.target === wish.target && linesBetween(openNames(placeForm), one.place, wanted).length === 0,
  );
  const keys = Object.values(wish.fields);
  return (
    near.find((one) => isDeepStrictEqual(one.fields, wish.fields)) ??
    near.find((one) => Object.values(one.fields).some((key) => keys.includes(key)))
  );
}

function planOne(
  { source, server, faults }: Planning,
  credential: string,
  [wish, n]: [BindingWish, number],
  there: CredentialThere | undefined,
): Change[] {
  const path = ['credentials', credential, 'bindings', n];
  const kindName = source.wish.targets[wish.target]?.kind ?? server.targets.get(wish.target)?.kind;
  const kind = server.targetKinds.get(kindName ?? '');
  if (kindName === undefined) {
    const at = source.at([...path, 'target']);
    faults.push(`${at}: There is no target called ${wish.target}, neither here nor in the file.`);
  }
  // An unknown kind is told where the target stands.
  if (kind === undefined) return [];
  const place = valuesOf(source, faults, [...path, 'place'], kind.placeForm, wish.place);
  const { fields, required, canary, readsNext, needs, consumerUrl } = wish;
  const fixed = { fields, readsNext };
  const settings = { required, canary, consumerUrl, ...(needs === undefined ? {} : { needs }) };
  const told = { ...fixed, ...settings };
  const about = { what: 'binding', name: `${credential} → ${wish.target}`, path } as const;
  const same = findSame(there?.bindings ?? [], wish, kind, place);
  if (same !== undefined) {
    const differs = linesBetween(Object.keys(fixed), { ...same }, fixed);
    const lines = linesBetween(Object.keys(settings), { ...same }, settings);
    const body = { ...settings, consumerUrl: consumerUrl ?? null };
    const send = () => ({ method: 'PUT', path: `/bindings/${same.id}`, body }) as const;
    return [
      ...(differs.length === 0 ? [] : [{ ...about, action: 'differs', lines: differs, values: [] } as const]),
      ...(lines.length === 0 ? [] : [{ ...about, action: 'change', lines, values: [], send } as const]),
    ];
  }
  return [
    {
      ...about,
      action: 'create',
      lines: [
        ...plainLines(place, 'place.'),
        ...secretLines(place, 'place.'),
        ...linesBetween(Object.keys(told), {}, told),
      ],
      values: [place],
      send: (ids, open) => ({
        method: 'POST',
        path: '/bindings',
        body: {
          ...told,
          credentialId: idOf(ids.credentials, credential),
          targetId: idOf(ids.targets, wish.target),
          place: open(place),
        },
      }),
    },
  ];
}

/** The bindings of a credential: new ones are made; of others the settings are changed, and other fields are only told. */
export const planBindings = (
  planning: Planning,
  name: string,
  wish: CredentialWish,
  there: CredentialThere | undefined,
): Change[] => wish.bindings.flatMap((one, n) => planOne(planning, name, [one, n], there));
