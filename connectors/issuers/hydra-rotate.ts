import { z } from 'zod';
import { clientFields } from '#connectors/client-sign-in.ts';
import { ConnectorError, type Issued, type IssueWish } from '#connectors/contract.ts';
import { accept, exchange, send } from '#connectors/exchange.ts';
import {
  type AdminCall,
  adminRequest,
  type HydraClient,
  hydraClient,
  patchClient,
  pathOf,
  usableClient,
} from '#connectors/issuers/hydra-api.ts';
import { Plaintext } from '#lib/plaintext.ts';

/**
 * Hydra ends all old secrets together and does not tell which one is the newest. So we note in the client's own metadata,
 * under `rekey_secret`, what we call the newest one and the one before it, and touch nothing that the note does not name.
 */
const note = z.object({ current: z.string(), previous: z.string().nullable() });
const noted = z.looseObject({ rekey_secret: note });
const rotated = z.object({
  client_secret: z
    .string()
    .min(1)
    .transform((value) => new Plaintext(value)),
});

type Note = z.output<typeof note>;

/** What the note calls a secret that was there before the first rotation: nothing told us its name. */
const BEFORE_US = 'imported';

export async function rotateSecret(call: AdminCall, clientId: string, wish: IssueWish): Promise<Issued> {
  const externalId = `secret#${wish.rotationId}`;
  const client = await usableClient(call, clientId);
  const before = noteOf(client);
  // The same rotation once more, after an answer was lost: the extra secret ends with the old one.
  const again = before?.current === externalId;
  if (before !== null && before.previous !== null && !again) {
    const sentence = `${clientId} has no free slot: the secrets ${before.current} and ${before.previous} are live. Nothing was issued; revoke ${before.previous} first.`;
    throw new ConnectorError(sentence, 'never', { because: 'conflict' });
  }
  const request = adminRequest(call, 'POST', `${pathOf(clientId)}/secrets/rotate`);
  const what = `Issuing a secret for ${clientId}`;
  const response = await send(call, request, { ok: [200, 201], what });
  if (response.status === 404) {
    const sentence = `This Hydra cannot keep an old secret: it has no endpoint for that (404). Nothing was changed; set the mode of ${clientId} to replace.`;
    throw new ConnectorError(sentence, 'never');
  }
  const { client_secret: value } = accept(request, response, { ok: [200, 201], what, schema: rotated });
  const previous = again ? before.previous : (before?.current ?? BEFORE_US);
  try {
    await writeNote(call, client, { current: externalId, previous });
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const sentence = `${what} took effect, but it could not be noted which secret is the newest: ${error.message}`;
    throw new ConnectorError(sentence, 'unknown', { cause: error });
  }
  return { externalId, fields: clientFields(clientId, value) };
}

/** Ends the secret before the newest one. Never the newest: that would leave it and end the others. */
export async function endOldSecret(call: AdminCall, clientId: string, externalId: string): Promise<void> {
  const client = await usableClient(call, clientId);
  const found = noteOf(client);
  if (found === null || found.current === externalId) {
    const why =
      found === null
        ? `the metadata of ${clientId} does not say which secret is the newest`
        : `${externalId} is the newest secret of ${clientId}`;
    const sentence = `Hydra can only end the older secrets, all together, and ${why}. Nothing was revoked. Rotate once more instead, which makes every present secret an old one.`;
    throw new ConnectorError(sentence, 'never', { because: 'conflict' });
  }
  const isPrevious = found.previous === externalId;
  const isImported = found.previous === BEFORE_US && !externalId.startsWith('secret#');
  if (!isPrevious && !isImported) return;
  await exchange(call, adminRequest(call, 'DELETE', `${pathOf(clientId)}/secrets/rotate`), {
    ok: [200],
    what: `Revoking the secret ${externalId} of ${clientId}`,
    schema: hydraClient,
  });
  await writeNote(call, client, { current: found.current, previous: null });
}

function noteOf({ metadata }: HydraClient): Note | null {
  return noted.safeParse(metadata).data?.rekey_secret ?? null;
}

/** Only our own key of the metadata is written, where there are any. */
function writeNote(call: AdminCall, { client_id, metadata }: HydraClient, value: Note): Promise<void> {
  const there = typeof metadata === 'object' && metadata !== null;
  const operation = there
    ? { op: 'add' as const, path: '/metadata/rekey_secret', value }
    : { op: 'add' as const, path: '/metadata', value: { rekey_secret: value } };
  return patchClient(call, client_id, operation, `Noting the newest secret of ${client_id}`);
}
