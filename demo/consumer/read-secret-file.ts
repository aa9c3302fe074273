import { envFile } from '#clients/node/rotating-secret.mjs';
import { RequestFailed } from '#demo/consumer/request-failed.ts';

/** The keys of the consumer's dotenv file; what is to be used next lies under the same keys with `_NEXT`. */
const keys = {
  clientId: 'SCOUT_CLIENT_ID',
  clientSecret: 'SCOUT_CLIENT_SECRET',
  versionId: 'SCOUT_SECRET_VERSION',
};

type Held = Awaited<ReturnType<ReturnType<typeof envFile<typeof keys>>>>;

/**
 * Says how to read the dotenv file. Reading throws `RequestFailed` with `file_missing`, `file_unreadable` or
 * `key_missing:NAME`. The id of the secret version is null where whoever wrote the file did not put it there.
 */
export function secretFile(path: string): () => Promise<Held> {
  const read = envFile(path, keys);
  return async () => {
    try {
      return await read();
    } catch (error) {
      throw new RequestFailed(codeOf(error));
    }
  };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'file_unreadable';
  if ('missingKey' in error) return `key_missing:${error.missingKey}`;
  return 'code' in error && error.code === 'ENOENT' ? 'file_missing' : 'file_unreadable';
}
