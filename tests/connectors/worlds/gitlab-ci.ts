import { type Answer, type Asked, type VendorFake, vendorFake } from '#tests/support/vendor-fake.ts';
import type { TargetWorld } from './world.ts';

export const gitlabToken = 'glpat-ABCDEFGHIJKLMNOPQRST';

export interface GitlabVariable {
  key: string;
  value: string;
  environment_scope: string;
  variable_type: 'env_var' | 'file';
  masked: boolean;
  hidden: boolean;
  protected: boolean;
  raw: boolean;
  description: string | null;
}

export interface FakeGitlab extends VendorFake {
  readonly variables: GitlabVariable[];
  scopes: string[];
}

export function gitlabVariable(key: string, rest: Partial<GitlabVariable> = {}): GitlabVariable {
  return {
    key,
    value: `value of ${key}`,
    environment_scope: '*',
    variable_type: 'env_var',
    masked: false,
    hidden: false,
    protected: false,
    raw: false,
    description: null,
    ...rest,
  };
}

const refusal = (message: unknown, status = 400): Answer => ({ status, body: { message } });

/** GitLab's variables API v4 as documented: scopes, masking rules, hidden values, and the 409 of an ambiguous key. */
export async function fakeGitlab(of: 'projects/acme/shop' | 'groups/acme' = 'projects/acme/shop') {
  const variables: GitlabVariable[] = [];
  const [kind, ...names] = of.split('/');

  function judge(variable: GitlabVariable): Answer | undefined {
    const maskable = /^\S{8,}$/.test(variable.value);
    return variable.masked && !maskable ? refusal({ value: ['is invalid'] }) : undefined;
  }

  function create({ body }: Asked): Answer {
    const hidden = body.masked_and_hidden === true;
    const made = gitlabVariable(String(body.key), {
      value: String(body.value),
      environment_scope: String(body.environment_scope ?? '*'),
      masked: hidden || body.masked === true,
      hidden,
      protected: body.protected === true,
      raw: body.raw === true,
    });
    const same = (other: GitlabVariable) =>
      other.key === made.key && other.environment_scope === made.environment_scope;
    if (variables.some(same)) return refusal({ key: [`(${made.key}) has already been taken`] });
    const refused = judge(made);
    if (refused) return refused;
    variables.push(made);
    return { status: 201, body: shown(made) };
  }

  function change(asked: Asked, found: GitlabVariable): Answer {
    const changed = { ...found, ...asked.body };
    const refused = judge(changed);
    if (refused) return refused;
    Object.assign(found, changed);
    return { status: 200, body: shown(found) };
  }

  const shown = (variable: GitlabVariable) => (variable.hidden ? { ...variable, value: null } : variable);

  const fake = await vendorFake((asked) => {
    if (asked.headers['private-token'] !== gitlabToken) return refusal('401 Unauthorized', 401);
    const [, , where, id, list, key] = asked.path;
    if (where === 'personal_access_tokens') return { status: 200, body: { id: 1, scopes: state.scopes } };
    if (where !== kind || id !== names.join('/') || list !== 'variables')
      return refusal(where === 'groups' ? '404 Group Not Found' : '404 Project Not Found', 404);
    if (asked.method !== 'GET' && !state.scopes.includes('api'))
      return { status: 403, body: { error: 'insufficient_scope', scope: 'api' } };
    if (key === undefined) {
      return asked.method === 'POST' ? create(asked) : { status: 200, body: variables.map(shown) };
    }
    const scope = asked.query.get('filter[environment_scope]');
    const matching = variables.filter(
      (one) => one.key === key && (scope === null || one.environment_scope === scope),
    );
    const [found] = matching;
    if (found === undefined) return refusal('404 Variable Not Found', 404);
    if (matching.length > 1)
      return refusal(
        "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'",
        409,
      );
    if (asked.method === 'PUT') return change(asked, found);
    if (asked.method === 'GET') return { status: 200, body: shown(found) };
    variables.splice(variables.indexOf(found), 1);
    return { status: 204 };
  });
  const state: FakeGitlab = Object.assign(fake, { variables, scopes: ['api'] });
  return state;
}

async function worldOf(fake: FakeGitlab, place: object): Promise<TargetWorld> {
  const environment_scope = 'live/*';
  const own = (key: string) => (one: GitlabVariable) =>
    one.key === key && one.environment_scope === environment_scope;
  fake.variables.push(
    gitlabVariable('SECRET', { description: 'of all environments' }),
    gitlabVariable('SECRET', {
      environment_scope: 'test',
      protected: true,
      masked: true,
      value: 'of-the-tests',
    }),
    gitlabVariable('OTHER', { environment_scope }),
  );
  return {
    config: { baseUrl: fake.url, token: gitlabToken },
    place: { environmentScope: environment_scope, visibility: 'visible', ...place },
    secrets: [gitlabToken],
    refuse: async () => {
      fake.trouble = { status: 403, body: { message: '403 Forbidden' } };
    },
    breakDown: async () => {
      fake.trouble = { status: 502, body: 'GitLab is not responding' };
    },
    neighbours: async (key) => JSON.stringify(fake.variables.filter((one) => !own(key)(one))),
    storedAt: async (key) => fake.variables.find(own(key))?.value,
    close: fake.close,
  };
}

export const gitlabProjectWorld = async () => worldOf(await fakeGitlab(), { id: 'acme/shop' });

export const gitlabGroupWorld = async () =>
  worldOf(await fakeGitlab('groups/acme'), { of: 'group', id: 'acme' });
