import { type Answer, type Asked, type VendorFake, vendorFake } from '#tests/support/vendor-fake.ts';
import type { TargetWorld } from './world.ts';

export const vercelToken = 'vcp_0123456789abcdefghij';
const team = 'team_a1b2c3';

export interface VercelVariable {
  id: string;
  key: string;
  value: string;
  type: string;
  target: string[];
  gitBranch?: string;
  customEnvironmentIds?: string[];
}

export interface VercelDeployment {
  uid: string;
  projectId: string;
  readyState: string;
  readySubstate?: string;
  /** The variables as the build saw them. */
  saw: Record<string, string>;
}

export interface FakeVercel extends VendorFake {
  readonly variables: VercelVariable[];
  readonly deployments: VercelDeployment[];
  /** An instant rollback turns it off: https://vercel.com/docs/instant-rollback. New deployments are then staged. */
  autoAssignCustomDomains: boolean;
  /** What the production domains point at, where that is not the deployment that was ready last. */
  production: string | undefined;
  add(key: string, target: string[], rest?: Partial<VercelVariable>): VercelVariable;
}

export const vercelError = (status: number, code: string, more: object = {}): Answer => ({
  status,
  body: { error: { code, message: code, ...more } },
});

/** Vercel's project environment and deployments as documented, for the project shop of one team. */
export async function fakeVercel(): Promise<FakeVercel> {
  const variables: VercelVariable[] = [];
  const deployments: VercelDeployment[] = [];
  let count = 0;

  function add(key: string, target: string[], rest: Partial<VercelVariable> = {}): VercelVariable {
    count += 1;
    const made = { id: `env${count}`, key, value: `value of ${key}`, type: 'encrypted', target, ...rest };
    variables.push(made);
    return made;
  }

  function deploy(): VercelDeployment {
    const saw = variables.filter(({ target }) => target.includes('production'));
    const made = {
      uid: `dpl_${deployments.length + 1}`,
      projectId: 'prj_shop',
      readyState: 'QUEUED',
      saw: Object.fromEntries(saw.map(({ key, value }) => [key, value])),
    };
    deployments.push(made);
    return made;
  }

  const shown = ({ value: _value, ...rest }: VercelVariable) => ({ ...rest, value: 'eyJ2IjoidjIifQ==' });

  // https://vercel.com/docs/rest-api/projects/find-a-project-by-id-or-name
  function shownProject() {
    const ready = deployments.filter((one) => one.readyState === 'READY' && one.readySubstate !== 'STAGED');
    const id = fake.production ?? ready.at(-1)?.uid;
    const { autoAssignCustomDomains } = fake;
    const targets = id === undefined ? {} : { production: { id, readyState: 'READY' } };
    return { id: 'prj_shop', name: 'shop', autoAssignCustomDomains, targets };
  }

  function create({ body }: Asked): Answer {
    const target = body.target as string[];
    const type = String(body.type);
    if (type === 'sensitive' && target.includes('development')) return vercelError(400, 'bad_request');
    const clash = variables.some(
      (one) => one.key === body.key && !one.gitBranch && one.target.some((name) => target.includes(name)),
    );
    if (clash) return vercelError(400, 'ENV_CONFLICT');
    const made = add(String(body.key), target, { value: String(body.value), type });
    return { status: 201, body: { created: shown(made), failed: [] } };
  }

  function one({ method, body, path }: Asked, id: string): Answer {
    const found = variables.find((variable) => variable.id === id);
    if (found === undefined) return vercelError(404, 'not_found');
    if (method === 'PATCH') Object.assign(found, body);
    if (method === 'DELETE') variables.splice(variables.indexOf(found), 1);
    if (method !== 'GET') return { status: 200, body: shown(found) };
    if (path[0] !== 'v1' || found.type === 'sensitive')
      return { status: 200, body: { ...shown(found), value: '' } };
    return { status: 200, body: { ...found, decrypted: true } };
  }

  function deploying({ method, path, query, body }: Asked): Answer {
    if (method === 'POST') {
      if (
        !body.name ||
        !deployments.some(({ uid }) => uid === body.deploymentId) ||
        query.get('forceNew') !== '1'
      )
        return vercelError(400, 'bad_request');
      const { uid, readyState } = deploy();
      return { status: 200, body: { id: uid, readyState } };
    }
    if (path[0] === 'v6') {
      const ready = deployments.filter(
        (one) => one.readyState === query.get('state') && one.projectId === query.get('projectId'),
      );
      return { status: 200, body: { deployments: ready.slice(-1), pagination: {} } };
    }
    const found = deployments.find(({ uid }) => uid === path[2]);
    if (found === undefined) return vercelError(404, 'not_found');
    const { uid: id, readyState, readySubstate } = found;
    return { status: 200, body: { id, readyState, ...(readySubstate && { readySubstate }) } };
  }

  const api = await vendorFake((asked) => {
    if (asked.headers.authorization !== `Bearer ${vercelToken}`)
      return vercelError(403, 'forbidden', { invalidToken: true });
    if (asked.query.get('teamId') !== team) return vercelError(404, 'not_found');
    const [, room, project, env, id] = asked.path;
    if (room === 'deployments') return deploying(asked);
    if (room !== 'projects' || (project !== 'shop' && project !== 'prj_shop'))
      return vercelError(404, 'not_found');
    if (env === undefined) return { status: 200, body: shownProject() };
    if (id !== undefined) return one(asked, id);
    return asked.method === 'POST' ? create(asked) : { status: 200, body: { envs: variables.map(shown) } };
  });
  deploy().readyState = 'READY';
  const fake: FakeVercel = Object.assign(api, {
    variables,
    deployments,
    autoAssignCustomDomains: true,
    production: undefined,
    add,
  });
  return fake;
}

export const vercelConfig = (fake: FakeVercel) => ({ baseUrl: fake.url, token: vercelToken, teamId: team });

async function worldOf(type: 'encrypted' | 'sensitive'): Promise<TargetWorld> {
  const fake = await fakeVercel();
  fake.add('SECRET', ['development'], { value: 'of development' });
  fake.add('SECRET', ['preview'], { value: 'of one branch', gitBranch: 'feature/x' });
  fake.add('OTHER', ['production', 'preview'], { type: 'plain' });
  const ours = (key: string) => (one: VercelVariable) =>
    one.key === key && !one.gitBranch && one.target.includes('production');
  return {
    config: vercelConfig(fake),
    place: { project: 'shop', environments: ['production', 'preview'], type },
    secrets: [vercelToken],
    refuse: async () => {
      fake.trouble = vercelError(403, 'forbidden');
    },
    breakDown: async () => {
      fake.trouble = vercelError(500, 'internal_server_error');
    },
    // Ids count up, so a variable that came, went and came again would differ by its id alone.
    neighbours: async (key) =>
      JSON.stringify(fake.variables.filter((one) => !ours(key)(one)).map(({ id: _id, ...rest }) => rest)),
    storedAt: async (key) => fake.variables.find(ours(key))?.value,
    endRedeploys: async (well) => {
      for (const one of fake.deployments)
        if (one.readyState === 'QUEUED') one.readyState = well ? 'READY' : 'ERROR';
    },
    close: fake.close,
  };
}

export const vercelWorld = () => worldOf('encrypted');
export const vercelSensitiveWorld = () => worldOf('sensitive');
