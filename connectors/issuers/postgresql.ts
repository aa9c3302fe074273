import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { z } from 'zod';
import {
  type Browsed,
  type Call,
  ConnectorError,
  type Fields,
  type Issued,
  type IssuerConnector,
  type IssueWish,
  type ListedSecret,
  secretText,
} from '#connectors/contract.ts';
import {
  acceptsAnything,
  browseRoles,
  cannotLogIn,
  commentWith,
  idleOf,
  idOf,
  isIdOf,
  listed,
  mustBeAlike,
  namesOf,
  type PlaceOfRoles,
  permittedRoles,
  type Role,
  untagged,
} from '#connectors/issuers/postgresql-roles.ts';
import { serverFields } from '#connectors/own-socket.ts';
import {
  asksForPassword,
  type Session,
  type SignIn,
  scramVerifier,
  tryPassword,
  withSession,
} from '#connectors/postgres.ts';
import { Plaintext } from '#lib/plaintext.ts';

const roleName = z.string().min(1).max(63);

const config = z.object({
  ...serverFields(5432),
  user: roleName.meta({ title: 'Role Rekey signs in with', description: 'Not one that is rotated here.' }),
  password: secretText().meta({ title: 'Its password' }),
  database: roleName.default('postgres').meta({
    title: 'Database',
    description: 'Where Rekey signs in. Credentials may name another one for theirs.',
  }),
});

const place = z
  .object({
    shape: z.enum(['single', 'pair']).default('single').meta({
      title: 'Shape',
      description: 'single: one role, its password is replaced at once. pair: two roles that take turns.',
    }),
    role: roleName.meta({ title: 'Role' }),
    role2: roleName.optional().meta({
      title: 'Second role of a pair',
      description: 'A member of the same roles as the first one. The one that is idle has NOLOGIN.',
    }),
    database: roleName.optional().meta({ title: 'Database the service uses' }),
    endSessions: z.boolean().default(false).meta({
      title: 'End the sessions of a revoked role',
      description: 'Only for a pair. Sessions that are open live on otherwise.',
    }),
  })
  .refine(({ shape, role, role2 }) => (shape === 'pair') === (role2 !== undefined) && role !== role2, {
    path: ['role2'],
    message: 'A pair has two different roles, a single role has no second one.',
  });

type PostgresCall = Call<z.output<typeof config>, z.output<typeof place>>;

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * The password of a PostgreSQL role, set as a SCRAM-SHA-256 verifier that is computed here
 * (https://www.postgresql.org/docs/current/sql-createrole.html: "already in … SCRAM-encrypted format").
 *
 * A single role has one password that replaces the one before (maxLive 1, chosenValue:
 * https://www.postgresql.org/docs/current/sql-alterrole.html). A pair is two roles of which one has NOLOGIN; issuing
 * lets that one log in with a new password, revoking takes it away (maxLive 2, explicit: the same page). The
 * rotation's tag stands at the end of the role's comment (tags, list:
 * https://www.postgresql.org/docs/current/sql-comment.html); what people wrote before it stays. Sessions that are
 * open outlive both. There is no lock-out: a wrong password is refused with 28P01 and logged
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
export const postgresql: IssuerConnector<typeof config, typeof place> = {
  kind: 'postgresql',
  title: 'PostgreSQL role',
  aliases: ['pg', 'psql', 'database', 'db user'],
  docs: 'https://www.postgresql.org/docs/current/sql-alterrole.html',
  needs:
    'CREATEROLE, and from PostgreSQL 16 on the ADMIN option on each rotated role; to end sessions also pg_signal_backend.',
  proven: { against: 'real server', what: 'PostgreSQL 18.4', on: '2026-11-28' },
  config,
  place,
  secretField: 'password',
  can: (_config, { shape }) => ({
    maxLive: shape === 'pair' ? 2 : 1,
    overlap: shape === 'pair' ? 'explicit' : 'none',
    // The pair answers with another username each time, so there the value comes with the answer.
    chosenValue: shape === 'single',
    readBack: false,
    list: shape === 'pair',
    tags: shape === 'pair',
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: false,
    propagationSeconds: 0,
    failedSignIns: 10,
  }),
  check,
  issue,
  verify,
  revoke,
  listSecrets,
  chosen: () => ({ alphabet: BASE64URL, length: 43 }),
  browse,
};

async function check(call: PostgresCall): Promise<void> {
  const what = `Checking ${namesOf(call.place)}`;
  const roles = await withSession(call, call.config, what, (session) => permittedRoles(session, call.place));
  const expired = roles.find((role) => role.expired);
  if (expired !== undefined) {
    const sentence = `The password of ${expired.name} is not valid any longer (VALID UNTIL), whatever it is set to. Set a later time, or infinity.`;
    throw new ConnectorError(sentence, 'never');
  }
  for (const { name, canLogin } of roles) {
    if (canLogin) await mustAskForPassword(call, name);
    else if (call.place.shape === 'single') throw cannotLogIn(name);
  }
  mustBeAlike(roles);
}

/** Where no password is asked for, any would be accepted and none can be proven. */
async function mustAskForPassword(call: PostgresCall, name: string): Promise<void> {
  const what = `Looking whether ${name} is asked for a password`;
  const asks = await asksForPassword(call, signInOf(call, name, call.config.password), what);
  if (!asks) throw acceptsAnything(call.config, name);
}

async function issue(call: PostgresCall, wish: IssueWish): Promise<Issued> {
  const password = wish.chosen ?? new Plaintext(randomBytes(32).toString('base64url'));
  const verifier = await scramVerifier(password);
  const what = `Issuing a password for ${namesOf(call.place)}`;
  const name = await withSession(call, call.config, what, (session) =>
    session.transaction(async () => {
      const roles = await permittedRoles(session, call.place);
      const role = call.place.shape === 'pair' ? idleOf(roles) : roles[0];
      if (role === undefined) throw new ConnectorError(`${what} failed: there is no role.`, 'never');
      await alter(session, role, `password ${pg.escapeLiteral(verifier)}`, call.place, wish.rotationId);
      return role.name;
    }),
  );
  return { externalId: `${name}#${wish.rotationId}`, fields: { username: new Plaintext(name), password } };
}

/** The role's password and, in a pair, whether it may log in and whose rotation it holds: all in the open transaction. */
async function alter(
  session: Session,
  role: Role,
  clause: string,
  { shape }: PlaceOfRoles,
  tag: string | null,
): Promise<void> {
  const name = pg.escapeIdentifier(role.name);
  if (shape === 'single') {
    await session.query(`alter role ${name} ${clause}`);
    return;
  }
  await session.query(`alter role ${name} ${tag === null ? 'nologin' : 'login'} ${clause}`);
  const comment = commentWith(role, tag);
  await session.query(`comment on role ${name} is ${comment === null ? 'null' : pg.escapeLiteral(comment)}`);
}

async function verify(call: PostgresCall, fields: Fields): Promise<'accepted' | 'rejected'> {
  const { shape, role, role2 } = call.place;
  const name = fields.username?.expose() ?? (shape === 'single' ? role : undefined);
  if (fields.password === undefined || name === undefined) {
    const missing = fields.password === undefined ? 'password' : 'username';
    throw new ConnectorError(`This version has no field \`${missing}\` to sign in with.`, 'never');
  }
  if (name !== role && name !== role2) {
    const sentence = `This version is of another role than ${namesOf(call.place)}. Correct its username, or the place.`;
    throw new ConnectorError(sentence, 'never');
  }
  const verdict = await tryPassword(call, signInOf(call, name, fields.password), `Signing in as ${name}`);
  if (verdict === 'unasked') throw acceptsAnything(call.config, name);
  return verdict;
}

function signInOf({ config, place }: PostgresCall, user: string, password: Plaintext): SignIn {
  return { user, password, database: place.database ?? config.database };
}

async function revoke(call: PostgresCall, externalId: string): Promise<void> {
  const what = `Revoking ${externalId}`;
  await withSession(call, call.config, what, async (session) => {
    const held = await session.transaction(async () => {
      const roles = await permittedRoles(session, call.place);
      const role = roles.find((one) => isIdOf(externalId, one.name));
      if (role === undefined || call.place.shape === 'single') throw notRevocable(externalId, call.place);
      if (role.canLogin && idOf(role) !== externalId) {
        if (role.tag === null) throw untagged(externalId, role);
        // The password was replaced by a later rotation's: this version is gone, and the other one lives on.
        return null;
      }
      if (role.canLogin) await alter(session, role, 'password null', call.place, null);
      return role.name;
    });
    if (held !== null && call.place.endSessions) {
      await session.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [
        held,
      ]);
    }
  });
}

function notRevocable(externalId: string, place: PlaceOfRoles): ConnectorError {
  const sentence =
    place.shape === 'single'
      ? `${place.role} has one password, which the next one replaces. Nothing was revoked.`
      : `${externalId} is no secret of ${namesOf(place)}. Nothing was revoked; correct the place.`;
  return new ConnectorError(sentence, 'never');
}

async function listSecrets(call: PostgresCall): Promise<ListedSecret[]> {
  const what = `Listing the passwords of ${namesOf(call.place)}`;
  const roles = await withSession(call, call.config, what, (session) => permittedRoles(session, call.place));
  return roles.filter(({ canLogin }) => canLogin).map(listed);
}

async function browse(call: Call<z.output<typeof config>, null>): Promise<Browsed[]> {
  const roles = await withSession(call, call.config, 'Listing the roles', browseRoles);
  return roles.map((role) => ({
    place: { shape: 'single', role: role.name },
    label: role.name,
    secrets: [listed(role)],
  }));
}
