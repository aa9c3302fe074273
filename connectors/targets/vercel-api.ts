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
/** https://vercel.com/docs/rest-api/projects/find-a-project-by-id-or-name */
const project = z.object({
  name: z.string().min(1),
  autoAssignCustomDomains: z.boolean().nullish(),
  targets: z.object({ production: z.object({ id: z.string().min(1) }).nullish() }).nullish(),
});

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

/**
 * A project whose new production deployments serve its domains as soon as they are ready, and the deployment that they
 * point at; that need not be the newest after an instant rollback, which also turns the automatic assignment off
 * (https://vercel.com/docs/instant-rollback). Throws `never` where it is off, with `state` as what stands now.
 */
export async function servingProject(
  call: { readonly http: Http; readonly config: VercelConfig },
  idOrName: string,
  state: string,
): Promise<{ name: string; production: string | undefined }> {
  const { name, autoAssignCustomDomains, targets } = await askJson(call, vercelApi(call.config), {
    method: 'GET',
    path: teamed(call.config, `/v9/projects/${segment(idOrName)}`),
    ok: [200],
    what: `Reading the project ${idOrName}`,
    schema: project,
  });
  if (autoAssignCustomDomains !== false) return { name, production: targets?.production?.id };
  const sentence = `${idOrName} does not assign its production domains to new deployments, as is so after an instant rollback: what is built anew would serve nobody until somebody promotes it. ${state} Promote a deployment at Vercel, or turn the automatic assignment on in the project’s settings; or take redeploying out of the place, and build and promote by hand.`;
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
