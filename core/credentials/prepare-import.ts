import { z } from 'zod';
import type { IssuerConnector } from '#connectors/contract.ts';
import { issuerConnectors } from '#connectors/registry.ts';
import { type Mapping, parseMapping } from '#core/credentials/mapping.ts';
import { drawForm, type FormField } from '#core/outside/draw-form.ts';
import { readValues } from '#core/outside/read-values.ts';
import { isSamePlace } from '#core/outside/same-place.ts';
import { separateSecrets } from '#core/outside/separate-secrets.ts';
import { fingerprint } from '#core/vault/fingerprint.ts';
import { db } from '#lib/db.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { Problem } from '#lib/problem.ts';

/** What somebody moves in with: a file of values, and mappings of its keys. */
export const moveInput = z.object({
  /** What the file is called in sentences. */
  file: z.string(),
  format: z.enum(['dotenv', 'json']),
  values: z.string().transform((text) => new Plaintext(text)),
  mappings: z.array(z.object({ source: z.string(), text: z.string() })).min(1),
});

/** A value of the file, told without telling it. */
export interface Told {
  readonly name: string;
  readonly key: string;
  readonly length: number;
  /** As the console shows it of a version. */
  readonly fingerprint: string;
}

type Values = ReadonlyMap<string, Plaintext>;
type Entered = Readonly<Record<string, unknown>>;

async function loadIssuers() {
  const credentials = {
    where: { archivedAt: null },
    include: { versions: { where: { state: 'current' }, select: { fingerprint: true } } },
  };
  return db().prisma.issuer.findMany({ where: { archivedAt: null }, include: { credentials } });
}

type Issuer = Awaited<ReturnType<typeof loadIssuers>>[number];

function readKey(values: Values, key: string, file: string): Plaintext {
  const value = values.get(key);
  if (value === undefined || value.expose() === '') {
    throw new Problem(
      422,
      'no_value',
      `${key} ${value === undefined ? 'is not in' : 'is empty in'} ${file}.`,
    );
  }
  return value;
}

function tell(name: string, key: string, value: Plaintext): Told {
  return { name, key, length: value.expose().length, fingerprint: fingerprint(value).slice(0, 12) };
}

/** A text in the type that its field expects, as in a form. */
function typed(field: FormField | undefined, text: string): unknown {
  switch (field?.type) {
    case 'number':
      return Number(text);
    case 'boolean':
      return ['true', 'false'].includes(text) ? text === 'true' : text;
    case 'choice':
      return field.choices.find((choice) => String(choice) === text) ?? text;
    case 'lines':
      return field.list ? text.split(',').map((line) => line.trim()) : text;
    default:
      return text;
  }
}

const keyOf = (value: unknown) =>
  typeof value === 'string' && value.startsWith('$') ? value.slice(1) : null;

function placeOf(mapping: Mapping, form: readonly FormField[], values: Values, file: string): Entered {
  const entries = Object.entries(mapping.place).map(([name, value]) => {
    const key = keyOf(value);
    const text = key === null ? value : readKey(values, key, file).expose();
    const field = form.find((one) => one.name === name);
    if (field?.type === 'secret' && key === null) {
      const sentence = `place.${name} is a secret. Put it into ${file} and write place.${name}=$KEY.`;
      throw new Problem(422, 'secret_in_mapping', sentence);
    }
    return [name, typeof text === 'string' ? typed(field, text) : text];
  });
  return Object.fromEntries(entries);
}

/** Why this cannot become a new credential, or that it is one already. */
function standing(
  mapping: Mapping,
  issuers: readonly Issuer[],
  issuer: Issuer,
  place: Entered,
  /** Null where it is made, so that none could be another one. */
  secret: Plaintext | null,
) {
  const connector = issuerConnectors.get(issuer.kind);
  const form = drawForm(connector?.place ?? z.object({}));
  // A value that no other system knows is nowhere but here, so its name alone tells which it is.
  const isSame = (one: Issuer['credentials'][number]) =>
    connector?.standsAlone === true ? one.name === mapping.name : isSamePlace(form, Object(one.place), place);
  const same = issuer.credentials.find(isSame);
  const named = issuers.flatMap(({ credentials }) => credentials).find(({ name }) => name === mapping.name);
  if (named !== undefined && named.id === same?.id) {
    return secret === null || named.versions[0]?.fingerprint === fingerprint(secret)
      ? { state: 'here' as const, why: null }
      : { state: 'wrong' as const, why: `${mapping.name} is here already, with another secret.` };
  }
  if (named !== undefined) {
    return { state: 'wrong' as const, why: `There is already another credential called ${mapping.name}.` };
  }
  return same === undefined
    ? { state: 'new' as const, why: null }
    : { state: 'wrong' as const, why: `This is managed here already, as ${same.name}.` };
}

/** The value by which a credential is known; null where Rekey makes it. */
function secretOf(
  mapping: Mapping,
  issuer: Issuer,
  connector: IssuerConnector,
  given: Readonly<Record<string, string>>,
) {
  const { secretField, standsAlone } = connector;
  const secret = given[secretField];
  if (mapping.make !== true && secret === undefined) {
    const sentence = `No key is mapped to ${secretField}, which ${issuer.name} knows it by.`;
    throw new Problem(422, 'no_value', sentence);
  }
  if (mapping.make === true && standsAlone !== true) {
    const sentence = `${issuer.name} has a secret for this already, so none is made. Map the key that holds it.`;
    throw new Problem(422, 'not_made_here', sentence);
  }
  if (mapping.make === true && (secret !== undefined || mapping.externalId !== undefined)) {
    const sentence = `Its first value is made, so no key is mapped to ${secretField}, and externalId is left out.`;
    throw new Problem(422, 'bad_input', sentence);
  }
  return secret === undefined ? null : new Plaintext(secret);
}

function wishOf(mapping: Mapping, issuers: readonly Issuer[], values: Values, file: string) {
  const issuer = issuers.find(({ name }) => name === mapping.issuer);
  const connector = issuerConnectors.get(issuer?.kind ?? '');
  if (issuer === undefined || connector === undefined) {
    throw new Problem(
      422,
      'no_issuer',
      `There is no issuer called ${mapping.issuer}. Add it in the console first.`,
    );
  }
  const place = placeOf(mapping, drawForm(connector.place), values, file);
  const { plain } = separateSecrets('place', connector.place, place);
  const { secretField } = connector;
  const given = Object.entries(mapping.fields).map(
    ([field, key]) => [field === '' ? secretField : field, readKey(values, key, file).expose()] as const,
  );
  // As with a credential entered by hand, targets can have the client ID too.
  const own = Object.entries(plain).filter(([field]) => field === 'clientId');
  const fields: Record<string, string> = Object.fromEntries([
    ...own.map(([field, value]) => [field, String(value)]),
    ...given,
  ]);
  const secret = secretOf(mapping, issuer, connector, fields);
  const { name, environment, owner, externalId, make = false } = mapping;
  const labels = [...(mapping.labels ?? [])];
  return {
    wish: { name, issuerId: issuer.id, place, environment, owner, labels, fields, externalId, make },
    ...standing(mapping, issuers, issuer, plain, secret),
  };
}

function connectorOf(mapping: Mapping, issuers: readonly Issuer[]) {
  const kind = issuers.find(({ name }) => name === mapping.issuer)?.kind;
  return issuerConnectors.get(kind ?? '');
}

/** What is shown of a mapping whatever becomes of it: of places what the issuer's form shows, of values no value. */
function showOne(mapping: Mapping, issuers: readonly Issuer[], values: Values) {
  const connector = connectorOf(mapping, issuers);
  const open =
    connector === undefined ? [] : drawForm(connector.place).filter(({ type }) => type !== 'secret');
  const told = (name: string, key: string | null) => {
    const value = values.get(key ?? '');
    return key === null || value === undefined ? [] : [tell(name, key, value)];
  };
  return {
    name: mapping.name,
    issuer: mapping.issuer,
    environment: mapping.environment,
    make: mapping.make === true,
    place: Object.entries(mapping.place).filter(
      ([name, value]) => keyOf(value) === null && open.some((field) => field.name === name),
    ),
    values: [
      ...Object.entries(mapping.place).flatMap(([name, value]) => told(`place.${name}`, keyOf(value))),
      ...Object.entries(mapping.fields).flatMap(([field, key]) =>
        told(field === '' ? (connector?.secretField ?? 'the secret') : field, key),
      ),
    ],
  };
}

function prepareOne(mapping: Mapping, issuers: readonly Issuer[], values: Values, file: string) {
  const shown = showOne(mapping, issuers, values);
  try {
    return { shown, ...wishOf(mapping, issuers, values, file) };
  } catch (error) {
    if (error instanceof Problem) {
      return {
        shown,
        wish: null,
        state: 'wrong' as const,
        why: error.message.replace(/ Nothing was saved\.$/, ''),
      };
    }
    throw error;
  }
}

type Item = ReturnType<typeof prepareOne>;

/** Two mappings of the same place would become two credentials that rotate one secret. */
function withoutTwins(items: readonly Item[], issuers: readonly Issuer[]): Item[] {
  return items.map((item, index) => {
    const kind = issuers.find(({ id }) => id === item.wish?.issuerId)?.kind ?? '';
    const form = drawForm(issuerConnectors.get(kind)?.place ?? z.object({}));
    const twin = items
      .slice(0, index)
      .find(
        ({ wish, state }) =>
          wish !== null &&
          state === 'new' &&
          wish.issuerId === item.wish?.issuerId &&
          isSamePlace(form, wish.place, item.wish.place),
      );
    const why = `It is the same as ${twin?.shown.name}, which is mapped before.`;
    return twin === undefined || item.state !== 'new' ? item : { ...item, state: 'wrong', why };
  });
}

/** What each mapped credential would become, and which keys nothing maps. Asks nothing outside and changes nothing. */
export async function prepareImport({ file, format, values: text, mappings }: z.output<typeof moveInput>) {
  const values = readValues(text, format, file);
  const mapped = mappings.flatMap(({ text: one, source }) => parseMapping(one, source));
  const twice = mapped.find(({ name }, index) => mapped.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) {
    throw new Problem(400, 'bad_mapping', `${twice.name} is mapped twice. Nothing was changed.`);
  }
  const issuers = await loadIssuers();
  const used = mapped.flatMap(({ fields, place }) => [
    ...Object.values(fields),
    ...Object.values(place).flatMap((value) => keyOf(value) ?? []),
  ]);
  return {
    items: withoutTwins(
      mapped.map((mapping) => prepareOne(mapping, issuers, values, file)),
      issuers,
    ),
    unmapped: [...values.keys()].filter((key) => !used.includes(key)),
  };
}
