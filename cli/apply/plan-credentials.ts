import { type Change, idOf, type Planning } from '#cli/apply/change.ts';
import { planBindings } from '#cli/apply/plan-bindings.ts';
import { plainLines, secretLines } from '#cli/apply/plan-configured.ts';
import type { CredentialThere, IssuerKind } from '#cli/apply/server.ts';
import { fieldsOf, linesBetween, openNames, valuesOf, withUsual } from '#cli/apply/values.ts';
import type { CredentialWish } from '#cli/apply/wish.ts';
import { VERSION_FIELD } from '#core/outside/entries.ts';

/** The kind of an issuer, as the file or the server has it. */
function kindOf({ source, server, faults }: Planning, name: string, wish: CredentialWish): IssuerKind | null {
  const kind = source.wish.issuers[wish.issuer]?.kind ?? server.issuers.get(wish.issuer)?.kind;
  if (kind === undefined) {
    const at = source.at(['credentials', name, 'issuer']);
    faults.push(`${at}: There is no issuer called ${wish.issuer}, neither here nor in the file.`);
    return null;
  }
  return server.issuerKinds.get(kind) ?? null;
}

/** Where the first value comes from is said once; Rekey makes it only where no other system knows it. */
function checkOrigin(
  { source, faults }: Planning,
  name: string,
  wish: CredentialWish,
  kind: IssuerKind,
): void {
  const path = ['credentials', name];
  const given = `fields.${kind.secretField}`;
  const isGiven = wish.fields[kind.secretField] !== undefined;
  if (wish.make && !kind.canMakeFirst) {
    const at = source.at([...path, 'make']);
    faults.push(
      `${at}: ${kind.title} has a secret for ${name} already, so none is made: ${given} is needed.`,
    );
  } else if (wish.make && (isGiven || wish.readBack || wish.externalId !== undefined)) {
    const at = source.at([...path, 'make']);
    faults.push(
      `${at}: ${name} has its first value made, so ${given}, readBack and externalId are left out.`,
    );
  } else if (!wish.make && !wish.readBack && !isGiven) {
    const others = kind.canMakeFirst ? ', or make' : ', or readBack';
    const at = source.at([...path, 'fields']);
    faults.push(`${at}: ${name} is not there yet, so its current secret is needed: ${given}${others}.`);
  }
}

/** A binding of a new credential finds the fields that it takes: those of the file, and which version it is. */
function checkBound({ source, faults }: Planning, name: string, wish: CredentialWish): void {
  // What the issuer answers may have more fields than the file.
  if (wish.readBack || wish.make) return;
  const has = [...Object.keys(wish.fields), VERSION_FIELD];
  for (const [n, { fields }] of wish.bindings.entries()) {
    for (const field of Object.keys(fields).filter((one) => !has.includes(one))) {
      const path = ['credentials', name, 'bindings', n, 'fields', field];
      faults.push(
        `${source.at(path)}: ${path.join('.')}: ${name} would have no field ${field}. Give it in credentials.${name}.fields, too.`,
      );
    }
  }
}

const originOf = ({ readBack, make }: CredentialWish) =>
  readBack ? { secret: 'read back' } : make ? { secret: 'made by Rekey' } : {};

function planImport(planning: Planning, name: string, wish: CredentialWish, kind: IssuerKind): Change {
  const { source, faults } = planning;
  const path = ['credentials', name];
  const { issuer, environment, owner, labels, readBack, make, externalId } = wish;
  const place = valuesOf(source, faults, [...path, 'place'], kind.placeForm, wish.place);
  const fields = fieldsOf(source, faults, [...path, 'fields'], kind.secretField, wish.fields);
  checkOrigin(planning, name, wish, kind);
  checkBound(planning, name, wish);
  const about = {
    issuer,
    environment,
    owner,
    labels,
    externalId,
    ...originOf(wish),
  };
  return {
    action: 'create',
    what: 'credential',
    name,
    path,
    lines: [
      ...linesBetween(Object.keys(about), {}, about),
      ...plainLines(place, 'place.'),
      ...secretLines(place, 'place.'),
      ...plainLines(fields, 'fields.'),
      ...secretLines(fields, 'fields.'),
    ],
    values: [place, fields],
    send: (ids, open) => ({
      method: 'POST',
      path: '/credentials',
      body: {
        name,
        issuerId: idOf(ids.issuers, issuer),
        environment,
        owner,
        labels,
        place: open(place),
        fields: open(fields),
        readBack,
        ...(make ? { make } : {}),
        externalId,
      },
    }),
    makes: 'credentials',
  };
}

/** What a file may say of a credential beside its issuer and its place, and may be changed. */
function belongingOf({
  environment,
  owner,
  labels,
}: Pick<CredentialWish, 'environment' | 'owner' | 'labels'>) {
  return {
    environment,
    ...(owner === undefined ? {} : { owner }),
    ...(labels === undefined ? {} : { labels }),
  };
}

/** What a credential belongs to is changed. What it is, its issuer and its place, cannot be, so that is only told. */
function planSame(
  { source, faults }: Planning,
  name: string,
  wish: CredentialWish,
  there: CredentialThere,
  kind: IssuerKind,
): Change[] {
  const path = ['credentials', name];
  const about = { what: 'credential', name, path, values: [] } as const;
  const place = valuesOf(source, faults, [...path, 'place'], kind.placeForm, wish.place);
  fieldsOf(source, faults, [...path, 'fields'], kind.secretField, wish.fields);
  const fixed = [
    ...linesBetween(['issuer'], there, wish),
    ...linesBetween(openNames(kind.placeForm), there.place, withUsual(kind.placeForm, place), 'place.'),
  ];
  const body = belongingOf(wish);
  const lines = linesBetween(Object.keys(body), { ...there, labels: there.labels.toSorted() }, body);
  const send = () => ({ method: 'PUT' as const, path: `/credentials/${there.id}`, body });
  return [
    ...(fixed.length === 0 ? [] : [{ ...about, action: 'differs' as const, lines: fixed }]),
    ...(lines.length === 0 ? [] : [{ ...about, action: 'change' as const, lines, send }]),
  ];
}

function planPolicy({ source, server, faults }: Planning, name: string, wish: CredentialWish): Change[] {
  const { policy, firstRun } = wish;
  const now = server.credentials.get(name)?.policy?.name ?? null;
  if (policy === undefined || policy === now) return [];
  const path = ['credentials', name, 'policy'];
  if (source.wish.policies[policy] === undefined && !server.policies.has(policy)) {
    faults.push(`${source.at(path)}: There is no policy called ${policy}, neither here nor in the file.`);
    return [];
  }
  const first = firstRun === 'next_slot' ? firstRun : { at: firstRun };
  return [
    {
      action: now === null ? 'create' : 'change',
      what: 'policy of',
      name,
      path,
      lines: [
        { field: 'policy', from: now, to: policy },
        { field: 'firstRun', from: null, to: firstRun === 'next_slot' ? 'at its next slot' : firstRun },
      ],
      values: [],
      send: (ids) => ({
        method: 'PUT',
        path: `/credentials/${idOf(ids.credentials, name)}/policy`,
        body: { policyId: idOf(ids.policies, policy), first },
      }),
    },
  ];
}

/** Credentials with their bindings and policies: new ones are imported as they are, and nothing rotates. */
export function planCredentials(planning: Planning): Change[] {
  const { source, server } = planning;
  return Object.entries(source.wish.credentials).flatMap(([name, wish]) => {
    const kind = kindOf(planning, name, wish);
    if (kind === null) return [];
    const there = server.credentials.get(name);
    const own =
      there === undefined
        ? [planImport(planning, name, wish, kind)]
        : planSame(planning, name, wish, there, kind);
    return [...own, ...planBindings(planning, name, wish, there), ...planPolicy(planning, name, wish)];
  });
}
