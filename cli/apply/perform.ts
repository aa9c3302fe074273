import { z } from 'zod';
import type { Change, Ids, Open } from '#cli/apply/change.ts';
import { resolve } from '#cli/apply/reference.ts';
import type { Server } from '#cli/apply/server.ts';
import { FileFaults, type Path, type Source } from '#cli/apply/source.ts';
import { type Api, RemoteError } from '#cli/remote/api.ts';
import type { Plaintext } from '#lib/plaintext.ts';

const made = z.object({ id: z.string() });

/**
 * Reads what a plan needs from the environment and from files, before anything is sent. Throws `FileFaults` with all that is
 * missing. Answers what lays the values beside the others, at the moment of sending.
 */
export function openSecrets(source: Source, changes: readonly Change[], folder: string): Open {
  const found = new Map<string, Plaintext>();
  const faults: string[] = [];
  const secrets = changes.flatMap(({ values }) => values.flatMap((one) => Object.values(one.secrets)));
  for (const { path, reference } of secrets) {
    const value = resolve(reference, folder);
    if (typeof value === 'string') faults.push(`${source.at(path)}: ${path.join('.')}: ${value}`);
    else found.set(path.join('\0'), value);
  }
  if (faults.length > 0) throw new FileFaults(faults);
  return ({ plain, secrets: wanted }) => ({
    ...plain,
    ...Object.fromEntries(
      Object.entries(wanted).map(([name, { path }]) => [name, found.get(path.join('\0'))?.expose()]),
    ),
  });
}

const idsOf = (things: ReadonlyMap<string, { readonly id: string }>) =>
  new Map([...things].map(([name, { id }]) => [name, id]));

/** The part of the file that a refusal speaks of: the field where the server names one. */
function placeOf(source: Source, { path }: Change, error: RemoteError): string {
  const [field] = Object.keys(error.fields);
  const at: Path = field === undefined ? path : [...path, ...field.split('.')];
  return source.at(at);
}

/** Does the changes of a plan, one after the other, and tells of each. Throws `RemoteError` at the first one that fails. */
export async function performChanges(
  api: Api,
  { source, server, open }: { source: Source; server: Server; open: Open },
  changes: readonly Change[],
  tell: (done: Change) => void,
): Promise<void> {
  const ids: Ids = {
    issuers: idsOf(server.issuers),
    targets: idsOf(server.targets),
    policies: idsOf(server.policies),
    credentials: idsOf(server.credentials),
  };
  for (const change of changes) {
    if (change.send === undefined) continue;
    const { method, path, body, headers } = change.send(ids, open);
    try {
      const answer =
        method === 'POST' ? await api.post(path, body) : await api.put(path, body, headers && { headers });
      if (change.makes !== undefined) ids[change.makes].set(change.name, made.parse(answer.body).id);
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      const said = `${placeOf(source, change, error)}: ${change.what} ${change.name}: ${error.message}`;
      throw new RemoteError(said, error.status, error.fields);
    }
    tell(change);
  }
}
