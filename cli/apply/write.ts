import { stringify } from 'yaml';
import { asWished } from '#cli/apply/plan-policies.ts';
import type { CredentialThere, FormField, PolicyThere, Server, TargetKind } from '#cli/apply/server.ts';
import { told } from '#cli/apply/values.ts';
import { wish } from '#cli/apply/wish.ts';
import { VERSION_FIELD } from '#core/outside/entries.ts';

const HEAD = `# What this installation has. Secrets are named and not shown: set these variables where they are needed,
# and take out those of fields that are not used. The current secret of a credential, and what else is bound of it, are needed to import it elsewhere.
`;

/** Gives out names of variables, each once. */
function variables(): (...parts: string[]) => { env: string } {
  const taken = new Set<string>();
  return (...parts) => {
    const words = parts.map((part) => part.replaceAll(/([a-z])([A-Z])/g, '$1_$2')).join('_');
    const base = words
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, '_')
      .replace(/^(?=\d)/, '_');
    let name = base;
    for (let n = 2; taken.has(name); n += 1) name = `${base}_${n}`;
    taken.add(name);
    return { env: name };
  };
}

type Name = ReturnType<typeof variables>;

/** The values of a form: what is not as usual, and where a secret would be read from. */
function written(
  form: readonly FormField[],
  there: Readonly<Record<string, unknown>>,
  secret: (field: string) => { env: string },
): Record<string, unknown> {
  const pairs = form.flatMap(({ name, type, default: usual }): [string, unknown][] => {
    if (type === 'secret') return [[name, secret(name)]];
    return told(there[name]) === told(usual) ? [] : [[name, there[name]]];
  });
  return Object.fromEntries(pairs);
}

const usualPolicy = wish.parse({ policies: { usual: { rhythm: { interval: 'P1D' }, gracePeriod: 'PT1H' } } })
  .policies.usual;

function writePolicy(there: PolicyThere, notifiers: ReadonlyMap<string, string>): Record<string, unknown> {
  const found = asWished(there, notifiers);
  const pairs = Object.entries(usualPolicy ?? {}).flatMap(([name, usual]): [string, unknown][] => {
    const isNeeded = name === 'rhythm' || name === 'gracePeriod';
    return isNeeded || told(found[name]) !== told(usual) ? [[name, found[name]]] : [];
  });
  return Object.fromEntries(pairs);
}

/** What an import elsewhere is given: the secret, and what else is bound. Where the place names that, it is as there. */
function writeFields({ name, place, bindings }: CredentialThere, secretField: string, variable: Name) {
  const bound = bindings.flatMap(({ fields }) => Object.keys(fields));
  const fields = new Set([...bound, secretField].filter((field) => field !== VERSION_FIELD));
  const pairs = [...fields].map((field): [string, unknown] => {
    const isOpen = field !== secretField && typeof place[field] === 'string';
    return [field, isOpen ? place[field] : variable(name, field)];
  });
  return Object.fromEntries(pairs);
}

function writeCredential(
  { issuers, issuerKinds, targets, targetKinds }: Server,
  one: CredentialThere,
  name: Name,
) {
  const kind = issuerKinds.get(issuers.get(one.issuer)?.kind ?? '');
  const secretField = kind?.secretField ?? 'secret';
  const bindings = one.bindings.map(({ target, place, fields, needs, consumerUrl, ...is }) => ({
    target,
    place: written(targetKinds.get(targets.get(target)?.kind ?? '')?.placeForm ?? [], place, (field) =>
      name(one.name, target, field),
    ),
    fields,
    needs,
    ...(is.required ? {} : { required: false }),
    ...(is.canary ? { canary: true } : {}),
    ...(is.readsNext ? { readsNext: true } : {}),
    ...(consumerUrl === null ? {} : { consumerUrl }),
  }));
  return {
    issuer: one.issuer,
    environment: one.environment,
    ...(one.owner === null ? {} : { owner: one.owner }),
    ...(one.labels.length === 0 ? {} : { labels: one.labels }),
    place: written(kind?.placeForm ?? [], one.place, (field) => name(one.name, field)),
    fields: writeFields(one, secretField, name),
    ...(one.policy === null ? {} : { policy: one.policy.name }),
    bindings,
  };
}

/** An installation as a file that `rekey apply` reads: the same installation has nothing to do with it. No secret is in it. */
export function writeFile(server: Server): string {
  const name = variables();
  const configured = (kinds: ReadonlyMap<string, TargetKind>, things: Server['issuers']) =>
    Object.fromEntries(
      [...things.values()].map((one) => [
        one.name,
        {
          kind: one.kind,
          config: written(kinds.get(one.kind)?.configForm ?? [], one.config, (field) =>
            name(one.name, field),
          ),
        },
      ]),
    );
  const nameOf = new Map([...server.notifiers].map(([one, id]) => [id, one]));
  const file = {
    issuers: configured(server.issuerKinds, server.issuers),
    targets: configured(server.targetKinds, server.targets),
    policies: Object.fromEntries([...server.policies].map(([key, one]) => [key, writePolicy(one, nameOf)])),
    credentials: Object.fromEntries(
      [...server.credentials].map(([key, one]) => [key, writeCredential(server, one, name)]),
    ),
  };
  return `${HEAD}${stringify(file, { lineWidth: 0, aliasDuplicateObjects: false })}`.trimEnd();
}
