import { z } from 'zod';
import type { Wish } from '#cli/apply/wish.ts';
import type { Api } from '#cli/remote/api.ts';

/* What the installation has, of what a file names. */

const formField = z.object({
  name: z.string(),
  type: z.string(),
  required: z.boolean(),
  default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).readonly()]).nullable(),
});

export type FormField = z.output<typeof formField>;

const targetKind = z.object({
  kind: z.string(),
  configForm: z.array(formField),
  placeForm: z.array(formField),
});
const issuerKind = targetKind.extend({
  title: z.string(),
  secretField: z.string(),
  canMakeFirst: z.boolean().default(false),
});

export type TargetKind = z.output<typeof targetKind>;
export type IssuerKind = z.output<typeof issuerKind>;

const row = z.object({ id: z.string(), name: z.string() });
const record = z.record(z.string(), z.unknown());
const configured = row.extend({ kind: z.string(), config: record });
const policy = z.looseObject({ ...row.shape, notifierIds: z.array(z.string()) });
const credential = row.extend({
  issuer: z.string(),
  environment: z.string(),
  owner: z.string().nullable(),
  labels: z.array(z.string()),
  place: record,
  policy: z.object({ name: z.string() }).nullable(),
});
const binding = z.object({
  id: z.string(),
  target: z.string(),
  place: record,
  fields: z.record(z.string(), z.string()),
  required: z.boolean(),
  canary: z.boolean(),
  readsNext: z.boolean(),
  needs: z.string(),
  consumerUrl: z.string().nullable(),
});

export type Configured = z.output<typeof configured>;
export type BindingThere = z.output<typeof binding>;
export type PolicyThere = z.output<typeof policy> & { readonly etag: string };
export type CredentialThere = z.output<typeof credential> & { readonly bindings: readonly BindingThere[] };

type Named<One> = ReadonlyMap<string, One>;

/** The installation as far as a file concerns it, by name. */
export interface Server {
  readonly issuerKinds: Named<IssuerKind>;
  readonly targetKinds: Named<TargetKind>;
  readonly issuers: Named<Configured>;
  readonly targets: Named<Configured>;
  readonly policies: Named<PolicyThere>;
  readonly credentials: Named<CredentialThere>;
  /** Name to id. */
  readonly notifiers: Named<string>;
}

/** Every item of a list, page by page. */
async function all<Item extends z.ZodType>(
  api: Api,
  path: string,
  item: Item,
  query: Record<string, string> = {},
): Promise<z.output<Item>[]> {
  const page = z.object({ items: z.array(item), nextCursor: z.string().nullable() });
  const items: z.output<Item>[] = [];
  const asked = new URLSearchParams(query);
  for (;;) {
    const found = page.parse((await api.get(`${path}?${asked}`)).body);
    items.push(...found.items);
    if (found.nextCursor === null) return items;
    asked.set('cursor', found.nextCursor);
  }
}

const byName = <One extends { name: string }>(items: readonly One[]) =>
  new Map(items.map((one) => [one.name, one]));

async function readEach<One extends { name: string }>(
  rows: readonly z.output<typeof row>[],
  names: Names,
  read: (id: string) => Promise<One>,
): Promise<Map<string, One>> {
  const found: One[] = [];
  for (const { id } of rows.filter(({ name }) => names.has(name))) found.push(await read(id));
  return byName(found);
}

async function readCredential(api: Api, id: string): Promise<CredentialThere> {
  const found = credential.parse((await api.get(`/credentials/${id}`)).body);
  const bindings = await all(api, '/bindings', binding, { credentialId: id, limit: '100' });
  return { ...found, bindings };
}

async function readPolicy(api: Api, id: string): Promise<PolicyThere> {
  const { body, headers } = await api.get(`/policies/${id}`);
  return { ...policy.parse(body), etag: headers.get('etag') ?? '' };
}

interface Names {
  has(name: string): boolean;
}

/** What an installation is asked for, by name. */
export type Wanted = Readonly<Record<'issuers' | 'targets' | 'policies' | 'credentials', Names>>;

const everyName: Names = { has: () => true };

/** All that there is. */
export const everything: Wanted = {
  issuers: everyName,
  targets: everyName,
  policies: everyName,
  credentials: everyName,
};

/** Which issuers, targets and policies a file speaks of, also where it does not describe them. */
export function namesIn({ issuers, targets, policies, credentials }: Wish): Wanted {
  const wanted = Object.values(credentials);
  return {
    issuers: new Set([...Object.keys(issuers), ...wanted.map(({ issuer }) => issuer)]),
    targets: new Set([
      ...Object.keys(targets),
      ...wanted.flatMap(({ bindings }) => bindings.map(({ target }) => target)),
    ]),
    policies: new Set([...Object.keys(policies), ...wanted.flatMap(({ policy: one }) => one ?? [])]),
    credentials: new Set(Object.keys(credentials)),
  };
}

/** Asks an installation for what is wanted of it; for its notifiers only where that needs them. Throws `RemoteError`. */
export async function readServer(api: Api, names: Wanted, hasNotifiers: boolean): Promise<Server> {
  const list = (path: string) => all(api, path, row, { limit: '100' });
  const kinds = await all(api, '/issuer-kinds', issuerKind);
  const targetKinds = await all(api, '/target-kinds', targetKind);
  const readConfigured = async (path: string) => configured.parse((await api.get(path)).body);
  const policies = await readEach(await list('/policies'), names.policies, (id) => readPolicy(api, id));
  const needsNotifiers = hasNotifiers || [...policies.values()].some((one) => one.notifierIds.length > 0);
  const notifiers = needsNotifiers ? await all(api, '/notifiers', row) : [];
  return {
    issuerKinds: new Map(kinds.map((one) => [one.kind, one])),
    targetKinds: new Map(targetKinds.map((one) => [one.kind, one])),
    issuers: await readEach(await list('/issuers'), names.issuers, (id) => readConfigured(`/issuers/${id}`)),
    targets: await readEach(await list('/targets'), names.targets, (id) => readConfigured(`/targets/${id}`)),
    policies,
    credentials: await readEach(await list('/credentials'), names.credentials, (id) =>
      readCredential(api, id),
    ),
    notifiers: new Map(notifiers.map(({ id, name }) => [name, id])),
  };
}
