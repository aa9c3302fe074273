import { z } from 'zod';
import { addressOf } from '#connectors/address.ts';
import { ConnectorError } from '#connectors/contract.ts';
import { parseJson } from '#connectors/exchange.ts';
import { withRetryAfter } from '#connectors/rate-limit-reset.ts';
import type { ClientSignIn } from '#connectors/token-endpoint.ts';
import type { Http, HttpResponse } from '#lib/http.ts';
import type { Plaintext } from '#lib/plaintext.ts';

interface Tenant {
  readonly address: string;
  readonly clientId: string;
  readonly clientSecret: Plaintext;
  readonly managementAudience?: string | undefined;
}

/** How Rekey itself signs in for the Management API. */
export function management({ address, clientId, clientSecret, managementAudience }: Tenant): ClientSignIn {
  const audience = managementAudience ?? addressOf(address, '/api/v2/');
  return { tokenUrl: addressOf(address, '/oauth/token'), clientId, clientSecret, audience, auth: 'post' };
}

/**
 * Auth0's token endpoint in the words of RFC 6749: a wrong secret is 401 with `access_denied` there. A 403 is about the
 * grant or the audience, and no page says whether the secret was looked at before, so nothing is concluded from it.
 */
export function rfc6749(http: Http, seen?: (response: HttpResponse) => void): Http {
  return {
    request: async (request) => {
      const response = await http.request(request);
      seen?.(response);
      const error = z.object({ error: z.string() }).safeParse(parseJson(response.text)).data?.error;
      if (response.status === 401 && error === 'access_denied') {
        return { ...response, text: JSON.stringify({ error: 'invalid_client' }) };
      }
      if (response.status !== 403) return withRetryAfter(response, 'x-ratelimit-reset');
      const sentence =
        'Auth0 gives the application no token (403), so its secret could not be tried. Allow it the grant client_credentials, and authorize it for the audience.';
      throw new ConnectorError(sentence, 'never', { because: 'permission' });
    },
  };
}
