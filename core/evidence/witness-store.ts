import { AwsV4Signer } from 'aws4fetch';
import { checkpointHash } from '#core/audit/checkpoint.ts';
import type { Seen, Witness } from '#core/evidence/witness.ts';
import { outside } from '#core/outside/guarded-http.ts';
import type { HttpResponse } from '#lib/http.ts';
import type { Plaintext } from '#lib/plaintext.ts';

interface Store {
  /** Scheme, host and bucket. */
  readonly bucket: string;
  /** Ends with a slash, or is empty. */
  readonly folder: string;
  readonly region: string | undefined;
}

/** `https://host/bucket/folder?region=…`, as path-style addresses of S3 are. */
function readAddress(url: URL): Store {
  const [bucket = '', ...folders] = url.pathname.split('/').filter((part) => part !== '');
  const folder = folders.map((part) => `${part}/`).join('');
  return { bucket: `${url.origin}/${bucket}`, folder, region: url.searchParams.get('region') ?? undefined };
}

/** One request with AWS Signature Version 4. https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html */
async function ask(
  { region }: Store,
  access: Plaintext,
  { method, url, body }: { method: 'GET' | 'PUT'; url: string; body?: string },
): Promise<HttpResponse> {
  const [accessKeyId = '', ...rest] = access.expose().split(':');
  const signer = new AwsV4Signer({
    method,
    url,
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    service: 's3',
    ...(region === undefined ? {} : { region }),
    accessKeyId,
    secretAccessKey: rest.join(':'),
  });
  const { url: signedUrl, headers } = await signer.sign();
  const answer = await outside().http.request({
    method,
    url: signedUrl.href,
    headers: Object.fromEntries(headers),
    ...(body === undefined ? {} : { body }),
  });
  if (answer.status < 200 || answer.status > 299) {
    const code = /<Code>(\w{1,64})<\/Code>/.exec(answer.text)?.[1];
    throw new Error(`It answered ${answer.status}${code === undefined ? '' : ` (${code})`}.`);
  }
  return answer;
}

// The hash stands in the name: writing the same checkpoint again changes nothing, another one is another object, and a
// list of names is all that a comparison needs.
const nameOf = ({ n, hash }: Seen) => `${String(n).padStart(12, '0')}-${hash}.json`;

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** The names of one page of a list, in their order. */
const keysIn = (xml: string) =>
  [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) =>
    key.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name] ?? ''),
  );

/** The checkpoints among these objects. A folder within ours may be that of another installation, whose log is not this one. */
function checkpointsOf(folder: string, keys: readonly string[]): Seen[] {
  return keys.flatMap((key) => {
    const name = key.startsWith(folder) ? key.slice(folder.length) : '';
    const [, n, hash] = /^(\d{12})-([0-9a-f]{64})\.json$/.exec(name) ?? [];
    return n === undefined || hash === undefined ? [] : [{ n: Number(n), hash }];
  });
}

/**
 * A folder of an S3-compatible object store, one object for each checkpoint. Whether objects can be removed is the
 * bucket's to say: give it an Object Lock, and Rekey a key that may put and list only.
 */
export function storeWitness(url: URL, access: Plaintext): Witness {
  const store = readAddress(url);
  return {
    name: `Object store (${url.host}${url.pathname})`,
    kind: 'remote',
    everyMs: 1000,
    afterRestore: 'If you restored it, give REKEY_AUDIT_STORE another folder, and keep this one.',
    tell: async (checkpoint) => {
      const name = nameOf({ n: checkpoint.n, hash: checkpointHash(checkpoint) });
      const body = JSON.stringify(checkpoint);
      await ask(store, access, { method: 'PUT', url: `${store.bucket}/${store.folder}${name}`, body });
    },
    seen: async function* () {
      for (let after = ''; ; ) {
        const query = new URLSearchParams({ 'list-type': '2', prefix: store.folder, 'start-after': after });
        const { text } = await ask(store, access, { method: 'GET', url: `${store.bucket}?${query}` });
        const keys = keysIn(text);
        yield* checkpointsOf(store.folder, keys);
        if (!text.includes('<IsTruncated>true</IsTruncated>')) return;
        const last = keys.at(-1);
        if (last === undefined || last === after)
          throw new Error('It does not list what comes after a name.');
        after = last;
      }
    },
  };
}
