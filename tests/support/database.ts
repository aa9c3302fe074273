import pg from 'pg';

async function asAdmin(adminUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A fresh copy of the migrated template; answers its address for the application's role. */
export async function copyTemplate(adminUrl: string, name: string): Promise<string> {
  await asAdmin(adminUrl, `create database ${name} template rekey_template owner rekey_owner`);
  const url = new URL(adminUrl);
  url.username = 'rekey_app';
  url.pathname = `/${name}`;
  return url.toString();
}

export function dropDatabase(adminUrl: string, name: string): Promise<void> {
  return asAdmin(adminUrl, `drop database if exists ${name} with (force)`);
}

/** Moves a test database's clock forward. */
export async function moveTime(appUrl: string, interval: string): Promise<void> {
  const client = new pg.Client({ connectionString: appUrl });
  await client.connect();
  await client.query('update test_clock set shift = shift + $1::interval', [interval]);
  await client.end();
}
