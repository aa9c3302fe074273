import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { RequestFailed } from '#demo/consumer/request-failed.ts';
import { Plaintext } from '#lib/plaintext.ts';

/** What the consumer finds in its dotenv file. */
export interface SecretFile {
  readonly clientId: string;
  readonly clientSecret: Plaintext;
  /** The id of the secret version, where whoever wrote the file put it there. */
  readonly versionId: string | null;
}

/** Reads the dotenv file. Throws `RequestFailed` with `file_missing`, `file_unreadable` or `key_missing:NAME`. */
export async function readSecretFile(path: string): Promise<SecretFile> {
  const values = parseEnv(await readText(path));
  const clientId = values.SCOUT_CLIENT_ID;
  const clientSecret = values.SCOUT_CLIENT_SECRET;
  if (!clientId) throw new RequestFailed('key_missing:SCOUT_CLIENT_ID');
  if (!clientSecret) throw new RequestFailed('key_missing:SCOUT_CLIENT_SECRET');
  return {
    clientId,
    clientSecret: new Plaintext(clientSecret),
    versionId: values.SCOUT_SECRET_VERSION || null,
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new RequestFailed(missing ? 'file_missing' : 'file_unreadable');
  }
}
