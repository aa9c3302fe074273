import { z } from 'zod';
import { ConnectorError } from '#connectors/contract.ts';
import { parseJson } from '#connectors/exchange.ts';
import { askJson, type JsonApi } from '#connectors/json-api.ts';
import type { Http, HttpResponse } from '#lib/http.ts';
import type { Plaintext } from '#lib/plaintext.ts';

interface RailwayCall {
  readonly http: Http;
  readonly config: {
    readonly baseUrl: string;
    readonly token: Plaintext;
    readonly tokenOf: 'account' | 'project';
  };
}

const failed = z.object({
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z.object({ code: z.string().optional() }).nullish(),
      }),
    )
    .min(1),
});

/** The form of an answer that is no error. */
export function answer<S extends z.ZodRawShape>(fields: S) {
  return z.object({ data: z.object(fields) });
}

/**
 * Asks Railway's GraphQL API. Its errors arrive with status 200 as well as with 400, and are told apart by message and
 * code; neither is quoted but for a short code, because a message can repeat what was sent.
 */
export async function askRailway<S extends z.ZodType>(
  call: RailwayCall,
  question: {
    readonly query: string;
    readonly variables: Readonly<Record<string, unknown>>;
    readonly what: string;
    readonly schema: S;
  },
): Promise<z.output<S>> {
  const { query, variables, what, schema } = question;
  return askJson(call, railwayApi(call), {
    method: 'POST',
    path: '/graphql/v2',
    body: { query, variables },
    ok: [200],
    what,
    schema,
  });
}

function railwayApi({ config }: RailwayCall): JsonApi {
  const token = config.token.expose();
  return {
    baseUrl: config.baseUrl,
    headers:
      config.tokenOf === 'project' ? { 'project-access-token': token } : { authorization: `Bearer ${token}` },
    permission: PERMISSION,
    ownError: (response: HttpResponse, what: string) => {
      if (response.status !== 200 && response.status !== 400) return undefined;
      const body = failed.safeParse(parseJson(response.text));
      return body.success ? graphError(body.data.errors[0], what) : undefined;
    },
  };
}

const PERMISSION =
  'an account or workspace token of a member of the project, or a project token of this very environment';

function graphError(
  error: z.output<typeof failed>['errors'][number] | undefined,
  what: string,
): ConnectorError {
  const message = error?.message ?? '';
  const said = error?.extensions?.code ?? '';
  const code = /^[A-Z_]{1,60}$/.test(said) ? said : 'no code';
  if (/not authorized|unauthorized|invalid (\w+ )?token/i.test(message) || /^(UNAUTH|FORBIDDEN)/.test(said)) {
    const sentence = `${what} failed: Railway does not let the stored token do this (Not Authorized). Enter ${PERMISSION}, and choose the kind of token that it is.`;
    return new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  if (/rate limit|too many requests/i.test(message)) {
    const sentence = `${what} failed: Railway limits requests now. Nothing was changed; it will be asked again.`;
    return new ConnectorError(sentence, 'later', { retryAfterSeconds: 60 });
  }
  if (/not found/i.test(message)) {
    const sentence = `${what} failed: Railway knows no such project, environment or service. Check the three IDs.`;
    return new ConnectorError(sentence, 'never');
  }
  if (code === 'GRAPHQL_VALIDATION_FAILED' || code === 'BAD_USER_INPUT') {
    const sentence = `${what} failed: Railway does not take the request as it is documented (${code}). Nothing was changed; its API may have changed.`;
    return new ConnectorError(sentence, 'never');
  }
  if (code === 'INTERNAL_SERVER_ERROR' || /problem processing request/i.test(message)) {
    const sentence = `${what} failed: Railway could not process the request (${code}). It can be tried again.`;
    return new ConnectorError(sentence, 'later');
  }
  return new ConnectorError(`${what} failed: Railway refuses it (${code}). Check names and values.`, 'never');
}
