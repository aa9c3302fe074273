import { z } from 'zod';
import { ConnectorError } from '#connectors/contract.ts';
import { parseJson } from '#connectors/exchange.ts';
import { askJson, type JsonApi, segment } from '#connectors/json-api.ts';
import type { Http, HttpResponse } from '#lib/http.ts';
import type { Plaintext } from '#lib/plaintext.ts';

interface VercelConfig {
  readonly baseUrl: string;
  readonly token: Plaintext;
  readonly teamId?: string | undefined;
}

const targets = z
  .union([z.array(z.string()), z.string().transform((one) => [one])])
  .optional()
  .transform((some) => some ?? []);

/** One variable as it is listed, without its value. */
export const variable = z.object({
  id: z.string().min(1),
  key: z.string(),
  type: z.string(),
  target: targets,
  gitBranch: z
    .string()
    .nullish()
    .transform((branch) => branch ?? null),
  customEnvironmentIds: z.array(z.string()).default([]),
});

export type Variable = z.output<typeof variable>;

const vercelError = z.object({
  error: z.object({ code: z.string(), invalidToken: z.boolean().optional() }),
});
const project = z.object({ id: z.string().min(1), name: z.string().min(1) });
const deployments = z.object({ deployments: z.array(z.object({ uid: z.string().min(1) })) });

export function vercelApi(config: VercelConfig): JsonApi {
  return {
    baseUrl: config.baseUrl,
    headers: { authorization: `Bearer ${config.token.expose()}` },
    permission:
      'a token of a member who may change environment variables and create deployments, and its scope includes the team',
    ownError,
  };
}

/** Adds the team to a path, which may have a query of its own. */
export function teamed({ teamId }: VercelConfig, path: string): string {
  return teamId === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}teamId=${segment(teamId)}`;
}

/** The production deployment that was ready last. Throws where there is none to build again. */
export async function latestDeployment(
  call: { readonly http: Http; readonly config: VercelConfig },
  idOrName: string,
): Promise<{ uid: string; name: string }> {
  const api = vercelApi(call.config);
  const { id, name } = await askJson(call, api, {
    method: 'GET',
    path: teamed(call.config, `/v9/projects/${segment(idOrName)}`),
    ok: [200],
    what: `Reading the project ${idOrName}`,
    schema: project,
  });
  const query = `projectId=${segment(id)}&target=production&state=READY&limit=1`;
  const found = await askJson(call, api, {
    method: 'GET',
    path: teamed(call.config, `/v6/deployments?${query}`),
    ok: [200],
    what: `Looking for the latest deployment of ${idOrName}`,
    schema: deployments,
  });
  const [latest] = found.deployments;
  if (latest !== undefined) return { uid: latest.uid, name };
  const sentence = `${idOrName} has no production deployment that could be built again. Deploy it once, or take redeploying out of the place.`;
  throw new ConnectorError(sentence, 'never');
}

/**
 * The variables that are this key in the place's environments. Those of one git branch are others. Throws, before
 * anything is written, where one also holds the value of an environment that the place does not name.
 */
export function inPlace(
  { environments, project }: { readonly environments: readonly string[]; readonly project: string },
  there: readonly Variable[],
  key: string,
  strict = true,
): Variable[] {
  const found = there.filter(
    (one) =>
      one.key === key && one.gitBranch === null && one.target.some((name) => environments.includes(name)),
  );
  const shared = found.find(
    ({ target, customEnvironmentIds }) =>
      customEnvironmentIds.length > 0 || target.some((name) => !environments.includes(name)),
  );
  if (shared === undefined || !strict) return found;
  const all = [...shared.target, ...shared.customEnvironmentIds].join(', ');
  const sentence = `${key} of ${project} is one variable for ${all}, and this place is only about ${environments.join(', ')}. Nothing was written; split the variable at Vercel, or enter all its environments here.`;
  throw new ConnectorError(sentence, 'never', { because: 'conflict' });
}

/** Vercel answers 403 also for a token that it does not know, and tells other refusals apart by a code. */
function ownError(response: HttpResponse, what: string): ConnectorError | undefined {
  const body = vercelError.safeParse(parseJson(response.text));
  if (response.status === 403 && body.success && body.data.error.invalidToken === true) {
    const sentence = `${what} failed: Vercel does not know the stored token (403, invalidToken): it is wrong, expired or revoked. Enter a new one.`;
    return new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  if (response.status !== 400 && response.status !== 402) return undefined;
  const code = body.success && /^\w{1,60}$/.test(body.data.error.code) ? body.data.error.code : 'no code';
  const next =
    response.status === 402
      ? 'The account is blocked or asks for payment: see its billing page.'
      : 'Check the names, and the rules of this type of variable.';
  return new ConnectorError(`${what} failed: Vercel answered ${response.status} (${code}). ${next}`, 'never');
}
