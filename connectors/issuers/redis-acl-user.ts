import { z } from 'zod';
import { ConnectorError } from '#connectors/contract.ts';
import { type Connection, Refused } from '#connectors/redis.ts';

/** What a Redis server says about one ACL user and about itself, before anything is changed. */

const user = z.object({ flags: z.array(z.string()), passwords: z.array(z.string().regex(/^[0-9a-f]{64}$/)) });

type AclUser = z.output<typeof user>;

/** The user's flags and hashes. Throws where it is missing, off, or lets everybody in: SETUSER would change all of that. */
export async function usableUser({ ask }: Connection, me: string, name: string): Promise<AclUser> {
  const refuse = (sentence: string) => new ConnectorError(`${sentence} Nothing was changed.`, 'never');
  if (name === me)
    throw refuse(`${name} is the user Rekey signs in with, which would lock itself out. Give Rekey another.`);
  const said = await ask('ACL', 'GETUSER', name);
  if (said === null) throw refuse(`There is no ACL user ${name}. Correct the place.`);
  const found = userOf(said);
  if (found.flags.includes('nopass'))
    throw refuse(
      `${name} is let in with any password (nopass), so none can be proven. Give it a password first.`,
    );
  if (!found.flags.includes('on'))
    throw refuse(`${name} is switched off. Switch it on, or correct the place.`);
  return found;
}

function userOf(said: unknown): AclUser {
  const result = user.safeParse(pairsOf(said));
  if (result.success) return result.data;
  const field = String(result.error.issues[0]?.path[0]);
  const sentence = `The answer of ACL GETUSER has a field \`${field}\` of another form than documented. Nothing was changed.`;
  throw new ConnectorError(sentence, 'never');
}

/** Names and values one after the other, as RESP2 gives maps. */
function pairsOf(said: unknown): Record<string, unknown> {
  const list: readonly unknown[] = Array.isArray(said) ? said : [];
  return Object.fromEntries(
    list.flatMap((name, index) => (index % 2 === 0 ? [[String(name), list[index + 1]]] : [])),
  );
}

/** Tries a command without doing it (since Redis 7). */
export async function mustMay({ ask }: Connection, me: string, command: string[]): Promise<void> {
  const said = await ask('ACL', 'DRYRUN', me, ...command).catch((error: unknown) => {
    // Redis 6 has no dry run: there the first rotation finds out.
    if (error instanceof Refused && error.word === 'ERR') return 'OK';
    throw error;
  });
  if (String(said) === 'OK') return;
  const permission = `+${command.slice(0, 2).join('|').toLowerCase()}`;
  const sentence = `The stored user ${me} lacks ${permission}. Nothing was changed; add it with ACL SETUSER ${me} ${permission}.`;
  throw new ConnectorError(sentence, 'never', { because: 'permission' });
}

/** An aclfile is needed to save to. Who may not read the configuration is told when saving. */
export async function mustHaveFile({ ask }: Connection): Promise<void> {
  const said = await ask('CONFIG', 'GET', 'aclfile').catch((error: unknown) => {
    if (error instanceof Refused) return null;
    throw error;
  });
  const file = said === null ? undefined : pairsOf(said).aclfile;
  if (file !== '') return;
  const sentence =
    'This server has no aclfile, so ACL SAVE has nowhere to write to. Set aclfile in redis.conf, or have Rekey use CONFIG REWRITE.';
  throw new ConnectorError(sentence, 'never');
}

export async function mustBeAlone({ ask }: Connection): Promise<void> {
  const info = String(await ask('INFO'));
  const has = (line: RegExp) => line.test(info);
  const found = has(/^role:slave/m)
    ? 'is a replica'
    : has(/^connected_slaves:[1-9]/m)
      ? 'has replicas'
      : has(/^cluster_enabled:1/m)
        ? 'belongs to a cluster'
        : null;
  if (found === null) return;
  const sentence = `This server ${found}, and Redis does not pass changes of ACL users on: the other servers would not know the new password. Rotate this user by hand on all of them.`;
  throw new ConnectorError(sentence, 'never');
}
