import { randomBytes } from 'node:crypto';
import { Attribute, BerWriter, Change, type Client, ResultCodeError } from 'ldapts';
import { z } from 'zod';
import {
  type Call,
  ConnectorError,
  type Fields,
  type Issued,
  type IssuerConnector,
  type IssueWish,
  secretText,
} from '#connectors/contract.ts';
import { explained } from '#connectors/ldap-errors.ts';
import { withDirectory } from '#connectors/ldap-session.ts';
import { tlsFields } from '#connectors/tls.ts';
import { Plaintext } from '#lib/plaintext.ts';

const name = z
  .string()
  .max(1_000)
  .regex(
    /^[A-Za-z][A-Za-z0-9.-]*\s*=/,
    'must be a distinguished name such as uid=app,ou=services,dc=example,dc=com',
  );

const config = z
  .object({
    host: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[^\s/@]+$/, 'must be a host name or an address')
      .meta({ title: 'Host' }),
    port: z.int().min(1).max(65_535).default(636).meta({
      title: 'Port',
      description: 'Usually 636 for ldaps and 389 for starttls.',
    }),
    security: z.enum(['ldaps', 'starttls', 'plain']).default('ldaps').meta({
      title: 'Encryption',
      description: 'plain: passwords cross the network readable. Only for a directory on this machine.',
    }),
    bindDn: name.optional().meta({
      title: 'Sign in as',
      description:
        'The distinguished name of an entry that may set passwords. Empty: every entry changes its own.',
    }),
    bindPassword: secretText().optional().meta({ title: 'Password of that entry' }),
    method: z.enum(['password-modify', 'replace', 'active-directory']).default('password-modify').meta({
      title: 'How passwords are set',
      description:
        'password-modify: the operation of RFC 3062 (OpenLDAP, 389 Directory Server). replace: the attribute userPassword is replaced. active-directory: the attribute unicodePwd is reset.',
    }),
    ...tlsFields,
  })
  .refine(({ bindDn, bindPassword }) => (bindDn === undefined) === (bindPassword === undefined), {
    path: ['bindPassword'],
    message: 'is entered together with the entry it belongs to',
  })
  .refine(({ method, security }) => method !== 'active-directory' || security !== 'plain', {
    path: ['security'],
    message: 'Active Directory sets passwords over encrypted connections only',
  })
  .refine(({ method, bindDn }) => method !== 'active-directory' || bindDn !== undefined, {
    path: ['bindDn'],
    message: 'Active Directory is signed in to as an entry that may reset passwords',
  });

const place = z.object({
  dn: name.meta({ title: 'Distinguished name', description: 'The entry whose password rotates.' }),
  ownPassword: secretText().optional().meta({
    title: 'Password in use',
    description: 'Only where the entry changes its own password. Rekey keeps it up to date.',
  }),
});

type LdapCall = Call<z.output<typeof config>, z.output<typeof place>>;

const PASSWORD_MODIFY = '1.3.6.1.4.1.4203.1.11.1';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * The password of one LDAP entry. It is replaced at once (one value in use), is a value of ours, and is never read.
 * Setting: the Password Modify operation, https://www.rfc-editor.org/rfc/rfc3062, or a Modify of userPassword
 * (https://www.rfc-editor.org/rfc/rfc4519#section-2.41), or a reset of unicodePwd over TLS
 * (https://learn.microsoft.com/openspecs/windows_protocols/ms-adts/6e803168-f140-4d23-b2d3-c3a8ab5917d2). Signing in: a
 * simple bind, https://www.rfc-editor.org/rfc/rfc4513#section-5.1.3. Password policies count refused binds and lock
 * entries (https://www.openldap.org/doc/admin26/overlays.html#Password%20Policies), so a dead password is never tried.
 * The mode for Active Directory was written from its documents and has met a fake only; that its sign-in may reset the
 * password is found when it does, because a reset cannot be rehearsed.
 */
export const ldap: IssuerConnector<typeof config, typeof place> = {
  kind: 'ldap',
  title: 'LDAP password (OpenLDAP, 389 Directory Server, Active Directory)',
  aliases: ['AD', '389DS', 'bind password', 'service account'],
  docs: 'https://www.rfc-editor.org/rfc/rfc3062',
  needs:
    'The entry that is signed in as has write access to userPassword (Active Directory: Reset Password) of the entries that rotate, and may see them.',
  proven: { against: 'real server', what: 'OpenLDAP 2.5.13', on: '2026-11-28' },
  config,
  place,
  secretField: 'password',
  can: () => ({
    maxLive: 1,
    overlap: 'none',
    chosenValue: true,
    readBack: false,
    list: false,
    tags: false,
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: false,
    propagationSeconds: 0,
    failedSignIns: 'none',
  }),
  check,
  issue,
  verify,
  // The prefix has a letter of every class that complexity rules ask for.
  chosen: () => ({ alphabet: LETTERS, length: 36, prefix: 'Rk1-' }),
};

async function check(call: LdapCall): Promise<void> {
  const { dn } = call.place;
  const what = `Checking the entry ${dn}`;
  await withDirectory(call, async (client) => {
    await signIn(client, call);
    await explained(call, what, () => client.search(dn, { scope: 'base', attributes: ['1.1'] }));
    // A reset of unicodePwd cannot be rehearsed.
    if (call.config.method !== 'active-directory') await explained(call, what, () => rehearse(client, dn));
  });
}

/** Takes away a password that the entry does not have: refused for lack of the value where writing is permitted. */
async function rehearse(client: Client, dn: string): Promise<void> {
  try {
    await client.modify(dn, change('delete', 'userPassword', `rekey-${randomBytes(24).toString('hex')}`));
  } catch (error) {
    const noSuchValue = error instanceof ResultCodeError && error.code === 16;
    if (!noSuchValue) throw error;
  }
}

async function issue(call: LdapCall, { rotationId, chosen }: IssueWish): Promise<Issued> {
  const { dn } = call.place;
  if (chosen === undefined) throw new ConnectorError('No password was chosen, so none was set.', 'never');
  await withDirectory(call, async (client) => {
    const done = await signIn(client, call, chosen);
    if (!done) await set(client, call, chosen);
  });
  const own = call.config.bindDn === undefined;
  return {
    externalId: `${dn}#${rotationId}`,
    fields: { dn: new Plaintext(dn), password: chosen },
    ...(own && { placeSecrets: { ownPassword: chosen } }),
  };
}

async function set(client: Client, call: LdapCall, chosen: Plaintext): Promise<void> {
  const what = `Setting the password of ${call.place.dn}`;
  try {
    await explained(call, what, () => send(client, call, chosen));
  } catch (error) {
    const cause = error instanceof ConnectorError ? error.cause : undefined;
    // Only a value that was set before is in a history: then the first answer was lost, and all is done.
    const wasSet = cause instanceof ResultCodeError && /history|existing value|reuse/i.test(cause.message);
    if (wasSet && (await verify(call, { password: chosen })) === 'accepted') return;
    if (error instanceof ResultCodeError || error instanceof ConnectorError) throw error;
    const sentence = `${what} had no answer: it may or may not have taken effect. The same password will be set again.`;
    throw new ConnectorError(sentence, 'unknown', { cause: error });
  }
}

async function send(
  client: Client,
  { config: { method, bindDn }, place: { dn, ownPassword } }: LdapCall,
  chosen: Plaintext,
) {
  if (method === 'replace') return client.modify(dn, change('replace', 'userPassword', chosen.expose()));
  if (method === 'active-directory')
    return client.modify(dn, change('replace', 'unicodePwd', Buffer.from(`"${chosen.expose()}"`, 'utf16le')));
  const request = new BerWriter();
  request.startSequence();
  request.writeString(dn, 0x80);
  if (bindDn === undefined && ownPassword) request.writeString(ownPassword.expose(), 0x81);
  request.writeString(chosen.expose(), 0x82);
  request.endSequence();
  await client.exop(PASSWORD_MODIFY, request.buffer);
}

async function verify(call: LdapCall, { password }: Fields): Promise<'accepted' | 'rejected'> {
  if (password === undefined)
    throw new ConnectorError('This version has no field `password` to sign in with.', 'never');
  // A bind without a password succeeds as nobody (RFC 4513, 5.1.2).
  if (password.expose() === '') return 'rejected';
  const { dn } = call.place;
  return withDirectory(call, async (client) => {
    try {
      await client.bind(dn, password.expose());
      return 'accepted';
    } catch (error) {
      if (!(error instanceof ResultCodeError && error.code === 49))
        return explained(call, `Signing in as ${dn}`, () => Promise.reject(error));
      // Active Directory gives these only where the password itself is right, or was not looked at.
      const [, state] = /\bdata (530|531|532|533|701|773|775)\b/.exec(error.message) ?? [];
      if (state === undefined) return 'rejected';
      const sentence = `The directory does not let ${dn} sign in at all now (49, data ${state}): it is locked, disabled, expired or has to change its password. Mend the entry there.`;
      throw new ConnectorError(sentence, 'never', { cause: error });
    }
  });
}

/**
 * Signs in as the entry that sets passwords. Answers true where the entry's own password is the chosen one already,
 * which is so after a lost answer.
 */
async function signIn(client: Client, call: LdapCall, chosen?: Plaintext): Promise<boolean> {
  const {
    config: { bindDn, bindPassword },
    place: { dn, ownPassword },
  } = call;
  const password = bindDn === undefined ? ownPassword : bindPassword;
  if (password === undefined) {
    const sentence = `There is no entry to sign in as: enter one for the directory, or the password in use of ${dn}.`;
    throw new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  try {
    await client.bind(bindDn ?? dn, password.expose());
    return false;
  } catch (error) {
    const refused = error instanceof ResultCodeError && error.code === 49;
    if (
      refused &&
      bindDn === undefined &&
      chosen &&
      (await verify(call, { password: chosen })) === 'accepted'
    )
      return true;
    return explained(call, `Signing in as ${bindDn ?? dn}`, () => Promise.reject(error));
  }
}

function change(operation: 'delete' | 'replace', type: string, value: string | Buffer): Change {
  const values = typeof value === 'string' ? [value] : [value];
  return new Change({
    operation,
    modification: new Attribute({ type, values: values as string[] | Buffer[] }),
  });
}
