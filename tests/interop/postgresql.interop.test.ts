import pg from 'pg';
import { expect, test } from 'vitest';
import { rotateFully } from '#tests/interop/rotate-fully.ts';
import { startPostgresql } from '#tests/interop/servers/postgresql.ts';
import { withServer } from '#tests/interop/servers.ts';
import { asSuperuser } from '#tests/support/own-postgres.ts';

await withServer('postgresql', startPostgresql, ({ postgres }) => {
  const sql = (...statements: string[]) => asSuperuser(postgres, ...statements);

  /** Signs in the way a service does; answers the server's error code, or undefined when it is let in. */
  async function signIn(user: string, password: string): Promise<string | undefined> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: postgres.port,
      user,
      password,
      database: 'postgres',
    });
    try {
      await client.connect();
      await client.query('select 1');
      return undefined;
    } catch (error) {
      return error instanceof pg.DatabaseError ? error.code : String(error);
    } finally {
      await client.end();
    }
  }

  const config = () => ({
    host: '127.0.0.1',
    port: postgres.port,
    encryption: 'none',
    user: 'rotator',
    password: 'rotator-password',
  });

  async function prepare(): Promise<void> {
    await sql(
      `drop role if exists app_a, app_b, sibling, rotator, owner`,
      `create role rotator login createrole password 'rotator-password'`,
      `create role owner`,
      `create role app_a login password 'initial-password' in role owner`,
      `create role app_b in role owner`,
      `create role sibling login password 'of-a-sibling'`,
      `grant app_a, app_b to rotator with admin option`,
    );
  }

  test('a single role is rotated twice: the new password works, the old ones are dead, siblings untouched', async () => {
    await prepare();
    const fields = { username: 'app_a', password: 'initial-password' };
    const issuer = { kind: 'postgresql', config: config(), place: { role: 'app_a' } };
    const now = await rotateFully({ issuer, fields });
    expect(now.username).toBe('app_a');
    expect(await signIn('app_a', now.password ?? '')).toBeUndefined();
    expect(await signIn('app_a', 'initial-password')).toBe('28P01');
    expect(await signIn('sibling', 'of-a-sibling')).toBeUndefined();
  });

  test('a pair is rotated twice and comes back to the first role, with the second one idle', async () => {
    await prepare();
    const fields = { username: 'app_a', password: 'initial-password' };
    const place = { shape: 'pair', role: 'app_a', role2: 'app_b', endSessions: false };
    const now = await rotateFully({
      issuer: { kind: 'postgresql', config: config(), place },
      fields,
      externalId: 'app_a',
    });
    expect(now.username).toBe('app_a');
    expect(await signIn('app_a', now.password ?? '')).toBeUndefined();
    expect(await signIn('app_a', 'initial-password')).toBe('28P01');
    const roles = await sql(
      `select rolname, rolcanlogin, rolpassword is null as empty from pg_authid where rolname like 'app_%' order by 1`,
    );
    expect(roles).toEqual([
      { rolname: 'app_a', rolcanlogin: true, empty: false },
      { rolname: 'app_b', rolcanlogin: false, empty: true },
    ]);
    expect(await signIn('sibling', 'of-a-sibling')).toBeUndefined();
  });
});
