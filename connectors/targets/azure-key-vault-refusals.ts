import { z } from 'zod';
import { ConnectorError } from '#connectors/contract.ts';
import { parseJson } from '#connectors/exchange.ts';
import type { HttpRequest, HttpResponse } from '#lib/http.ts';

const refusal = z.object({
  error: z.object({
    code: z.string(),
    message: z.string().default(''),
    innererror: z.object({ code: z.string() }).optional(),
  }),
});

/** Nobody has it; it is asked for to learn what is permitted. */
export const NOBODYS = 'rekey-check';

/**
 * What a vault means by 403 and 409; undefined where it refuses nothing, as with a secret that is disabled. The most exact code
 * counts. `ForbiddenByPolicy` is two things: a vault with access policies has none that permits it, and then says which
 * permission is lacking, or an Azure Policy denies it (https://learn.microsoft.com/azure/key-vault/general/azure-policy).
 */
export function refusedBy(
  response: HttpResponse,
  method: HttpRequest['method'],
  path: string,
): ConnectorError | undefined {
  const answer = refusal.safeParse(parseJson(response.text));
  const said = answer.success ? answer.data.error : undefined;
  const exact = said?.innererror?.code ?? said?.code ?? '';
  const code = /^[A-Za-z]{1,64}$/.test(exact) ? exact : undefined;
  if (response.status === 403 && code !== 'SecretDisabled')
    return forbidden(method, path, code, said?.message ?? '');
  return response.status === 409 ? conflict(path, code) : undefined;
}

function forbidden(
  method: HttpRequest['method'],
  path: string,
  code: string | undefined,
  message: string,
): ConnectorError {
  if (code === 'ForbiddenByConnection' || code === 'ForbiddenByFirewall') {
    const sentence = `The firewall of the vault refuses this machine (${code}). Nothing was changed; allow its address, or use a private endpoint.`;
    return new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  if (code === 'ForbiddenByPolicy' && method === 'PUT' && !/does not have \w+ \w+ permission/.test(message)) {
    const sentence = `A policy of the vault does not let the secret ${path} be set as it is (ForbiddenByPolicy). Nothing was set. Many demand an expiry: set one on the secret in Azure, and Rekey gives each new version as long a life; or exempt the vault.`;
    return new ConnectorError(sentence, 'never');
  }
  const right = method === 'GET' ? 'Get' : 'Set';
  const [name] = path.split('/');
  const of = name?.endsWith(NOBODYS) ? 'secrets of this vault' : `the secret ${name}`;
  const sentence = `The app lacks the permission ${right} on ${of}${code ? ` (${code})` : ''}. Nothing was changed; give it the role Key Vault Secrets Officer, or an access policy with Get and Set.`;
  return new ConnectorError(sentence, 'never', { because: 'permission' });
}

function conflict(path: string, code: string | undefined): ConnectorError {
  if (code === 'ObjectIsDeletedButRecoverable') {
    const sentence = `The secret ${path} was deleted and can still be recovered, so its name is taken (ObjectIsDeletedButRecoverable). Nothing was set; recover or purge it first.`;
    return new ConnectorError(sentence, 'never', { because: 'conflict' });
  }
  const sentence = `The vault is busy with the secret ${path}${code ? ` (${code})` : ''}. Nothing was changed; it is tried again later.`;
  return new ConnectorError(sentence, 'later', { because: 'conflict' });
}
