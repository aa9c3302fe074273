import { z } from 'zod';
import { ConnectorError, type ListedSecret } from '#connectors/contract.ts';
import type { Session } from '#connectors/postgres.ts';

/** What the server says about the roles that are rotated, and whether this session may rotate them. */

export interface PlaceOfRoles {
  readonly shape: 'single' | 'pair';
  readonly role: string;
  readonly role2?: string | undefined;
  readonly endSessions?: boolean;
}

export interface Role {
  readonly name: string;
  readonly canLogin: boolean;
  /** What people wrote, without the tag; null where they wrote nothing. */
  readonly text: string | null;
  /** The rotation whose password it holds, from the end of its comment. */
  readonly tag: string | null;
  readonly expired: boolean;
  readonly memberOf: readonly string[];
}

const facts = z.object({
  name: z.string(),
  canLogin: z.boolean(),
  comment: z.string().nullable(),
  expired: z.boolean().nullable(),
  memberOf: z.array(z.string()),
  /** Only a superuser may change it. */
  guarded: z.boolean(),
  /** It is the role of this session. */
  own: z.boolean(),
  superuser: z.boolean(),
  createsRoles: z.boolean(),
  administers: z.boolean(),
  signals: z.boolean(),
  version: z.number(),
});

const FACTS = `
  select r.rolname::text as "name", r.rolcanlogin as "canLogin",
    shobj_description(r.oid, 'pg_authid') as "comment", r.rolvaliduntil < now() as "expired",
    array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid
      where m.member = r.oid order by 1) as "memberOf",
    r.rolsuper or (v.version < 160000 and r.rolreplication) as "guarded",
    r.rolname in (current_user, session_user) as "own",
    me.rolsuper as "superuser", me.rolcreaterole as "createsRoles",
    v.version < 160000 or pg_has_role(current_user, r.oid, 'MEMBER WITH ADMIN OPTION') as "administers",
    pg_has_role(current_user, r.oid, 'USAGE')
      or pg_has_role(current_user, 'pg_signal_backend', 'USAGE') as "signals",
    v.version as "version"
  from pg_roles r, pg_roles me, (select current_setting('server_version_num')::int as version) v
  where me.rolname = current_user`;

const TAG = / ?\[rekey:([\w.-]{1,64})\]$/;

/** The roles of a place, first one first. Throws where one is missing, or where the session may not rotate one. */
export async function permittedRoles(session: Session, place: PlaceOfRoles): Promise<Role[]> {
  const names = [place.role, ...(place.role2 === undefined ? [] : [place.role2])];
  const rows = read(await session.query(`${FACTS} and r.rolname = any($1)`, [names]));
  return names.map((name) => {
    const row = rows.find((one) => one.name === name);
    if (row === undefined)
      throw new ConnectorError(`There is no role ${name}. Nothing was changed; correct the place.`, 'never');
    mustPermit(row, place);
    return roleOf(row);
  });
}

/** The roles that can log in and are not the server's own or Rekey's, at most some hundreds. */
export async function browseRoles(session: Session): Promise<Role[]> {
  const those = `r.rolcanlogin and not r.rolsuper and r.rolname !~ '^pg_'`;
  const rows = await session.query(`${FACTS} and ${those} order by r.rolname limit 500`);
  return read(rows)
    .filter(({ own }) => !own)
    .map(roleOf);
}

/** Something that speaks the protocol and is no PostgreSQL may answer otherwise. */
function read(rows: unknown): z.output<typeof facts>[] {
  const result = z.array(facts).safeParse(rows);
  if (result.success) return result.data;
  const field = String(result.error.issues[0]?.path.at(-1));
  const sentence = `The server's answer about its roles has a field \`${field}\` of another form than PostgreSQL's. Nothing was changed.`;
  throw new ConnectorError(sentence, 'never');
}

export function namesOf({ role, role2 }: PlaceOfRoles): string {
  return role2 === undefined ? role : `${role} and ${role2}`;
}

/** Unique per version for ever; the first password, which nobody tagged, goes by the role's name alone. */
export function idOf({ name, tag }: Role): string {
  return tag === null ? name : `${name}#${tag}`;
}

export function isIdOf(externalId: string, name: string): boolean {
  return (
    externalId === name || (externalId.startsWith(`${name}#`) && !externalId.includes('#', name.length + 1))
  );
}

/** The role's comment with another tag, or with none, behind what people wrote. Null where nothing is left. */
export function commentWith({ text }: Role, tag: string | null): string | null {
  if (tag === null) return text;
  return text === null ? `[rekey:${tag}]` : `${text} [rekey:${tag}]`;
}

function roleOf({ name, canLogin, comment, expired, memberOf }: z.output<typeof facts>): Role {
  const text = comment?.replace(TAG, '') ?? '';
  return {
    name,
    canLogin,
    text: text === '' ? null : text,
    tag: TAG.exec(comment ?? '')?.[1] ?? null,
    expired: expired ?? false,
    memberOf,
  };
}

function mustPermit(row: z.output<typeof facts>, place: PlaceOfRoles): void {
  const { name } = row;
  if (row.version < 100_000)
    throw new ConnectorError('This server is older than PostgreSQL 10 and has no SCRAM passwords.', 'never');
  if (row.own) {
    const sentence = `${name} is the role Rekey signs in with, which would lock itself out. Give Rekey another role.`;
    throw new ConnectorError(sentence, 'never');
  }
  const missing = missingFor(row, place);
  if (missing === null) return;
  throw new ConnectorError(
    `Rekey's role may not rotate ${name}: it lacks ${missing}. Nothing was changed.`,
    'never',
    {
      because: 'permission',
    },
  );
}

function missingFor(row: z.output<typeof facts>, { shape, endSessions }: PlaceOfRoles): string | null {
  if (row.superuser) return null;
  if (row.guarded) return `SUPERUSER, because ${row.name} has SUPERUSER or REPLICATION`;
  if (!row.createsRoles) return 'CREATEROLE';
  if (!row.administers) return `the ADMIN option on ${row.name} (GRANT … WITH ADMIN OPTION)`;
  return shape === 'pair' && endSessions && !row.signals ? 'membership in pg_signal_backend' : null;
}

/** A service must be able to do the same as either role of a pair. */
export function mustBeAlike([first, second]: readonly Role[]): void {
  if (first === undefined || second === undefined) return;
  for (const [one, other] of [
    [first, second],
    [second, first],
  ] as const) {
    const missing = one.memberOf.filter((group) => !other.memberOf.includes(group));
    if (missing.length === 0) continue;
    const sentence = `${other.name} is no member of ${missing.join(', ')}, which ${one.name} is: a service could do less after a rotation. Grant it, or take it from ${one.name}.`;
    throw new ConnectorError(sentence, 'never');
  }
}

/** The role of a pair that is not in use. */
export function idleOf(roles: readonly Role[]): Role {
  const idle = roles.find(({ canLogin }) => !canLogin);
  if (idle !== undefined) return idle;
  const ids = roles.map(idOf).join(' and ');
  const sentence = `Both roles of the pair can log in: ${ids} are live. Nothing was issued; revoke the one that is not in use (NOLOGIN).`;
  throw new ConnectorError(sentence, 'never', { because: 'conflict' });
}

export function untagged(externalId: string, { name }: Role): ConnectorError {
  const sentence = `${name} can log in, and its comment no longer says that it holds ${externalId}: somebody changed it. Nothing was revoked; look whether it is in use, and set NOLOGIN by hand if not.`;
  return new ConnectorError(sentence, 'never', { because: 'conflict' });
}

export function listed(role: Role): ListedSecret {
  const tag = role.tag === null ? {} : { tag: role.tag };
  return { externalId: idOf(role), ...tag, createdAt: null, lastUsedAt: null };
}

export function cannotLogIn(name: string): ConnectorError {
  const sentence = `${name} cannot log in (NOLOGIN). Let it log in, or correct the role.`;
  return new ConnectorError(sentence, 'never');
}

export function acceptsAnything(server: { host: string; port: number }, name: string): ConnectorError {
  const sentence = `${server.host}:${server.port} lets ${name} in from here whatever the password is, so no password can be proven. Change the line of pg_hba.conf from trust (or a method without password) to scram-sha-256.`;
  return new ConnectorError(sentence, 'never');
}
