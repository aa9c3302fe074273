import { type Answer, type Asked, type VendorFake, vendorFake } from '#tests/support/vendor-fake.ts';
import type { TargetWorld } from './world.ts';

export const renderToken = 'rnd_0123456789abcdefghijklmnop';
export const renderService = 'srv-abc123';
export const renderGroup = 'evg-def456';

export interface FakeRender extends VendorFake {
  readonly service: Map<string, string>;
  readonly group: Map<string, string>;
  readonly deploys: { id: string; status: string; saw: Record<string, string>; commit?: { id: string } }[];
  suspended: boolean;
  type: 'web_service' | 'cron_job' | 'static_site';
  /** The commit at the end of the branch, and the one of the last successful build, which is live. */
  readonly head: string;
  readonly built: string;
}

export const renderError = (status: number, message: string): Answer => ({
  status,
  body: { id: 'req-1', message },
});

/** One service, one environment group and their deploys as Render documents them. The whole-list PUT is there too. */
export async function fakeRender(): Promise<FakeRender> {
  const service = new Map<string, string>();
  const group = new Map<string, string>();
  const deploys: FakeRender['deploys'] = [];

  function variables({ method, body }: Asked, vars: Map<string, string>, key: string | undefined): Answer {
    if (key === undefined) {
      if (method === 'PUT') vars.clear();
      return { status: 200, body: [...vars].map(([name, value]) => ({ envVar: { key: name, value } })) };
    }
    if (method === 'PUT') {
      if (typeof body.value !== 'string') return renderError(400, 'invalid JSON');
      vars.set(key, body.value);
    }
    const value = vars.get(key);
    if (value === undefined) return renderError(404, `environment variable ${key} not found`);
    if (method !== 'DELETE') return { status: 200, body: { key, value } };
    vars.delete(key);
    return { status: 204 };
  }

  /** What a deploy is made of, or that Render refuses it: https://api-docs.render.com/reference/create-deploy. */
  function code({ commitId, clearCache, deployMode }: Asked['body']): string | undefined {
    const builds = commitId !== undefined || clearCache !== undefined;
    if (deployMode === 'deploy_only') return builds ? undefined : state.built;
    if (commitId === undefined) return state.head;
    return state.type === 'cron_job' ? undefined : String(commitId);
  }

  function deploying({ method, query, body: asked }: Asked): Answer {
    if (method === 'POST') {
      if (state.suspended) return renderError(400, 'cannot deploy a suspended service');
      const commit = code(asked);
      if (commit === undefined) return renderError(400, 'invalid combination of parameters');
      const baked = state.type === 'static_site' && asked.deployMode === 'deploy_only';
      const saw = baked ? {} : Object.fromEntries([...group, ...service]);
      const status = deploys.some((one) => one.status.endsWith('_in_progress'))
        ? 'queued'
        : 'build_in_progress';
      const made = { id: `dep-${deploys.length + 1}`, status, saw, commit: { id: commit } };
      deploys.push(made);
      // Only the answer 201 is documented with a body.
      return status === 'queued' ? { status: 202 } : { status: 201, body: { id: made.id, status } };
    }
    const newest = deploys.toReversed().slice(0, Number(query.get('limit') ?? 20));
    const body = newest.map(({ id, status, commit }) => ({ deploy: { id, status, commit }, cursor: id }));
    return { status: 200, body };
  }

  const fake = await vendorFake((asked) => {
    if (asked.headers.authorization !== `Bearer ${renderToken}`) return renderError(401, 'Unauthorized');
    const [, room, id, list, key] = asked.path;
    const vars = room === 'services' ? service : group;
    if (id !== (room === 'services' ? renderService : renderGroup)) return renderError(404, 'not found');
    if (list === 'env-vars') return variables(asked, vars, key);
    if (list === 'deploys') return deploying(asked);
    const { type } = state;
    return { status: 200, body: { id, type, suspended: state.suspended ? 'suspended' : 'not_suspended' } };
  });
  const state: FakeRender = Object.assign(fake, {
    service,
    group,
    deploys,
    suspended: false,
    type: 'web_service' as const,
    head: 'commit-not-released',
    built: 'commit-live',
  });
  return state;
}

async function worldOf(groupId?: string): Promise<TargetWorld> {
  const fake = await fakeRender();
  fake.service.set('OTHER', 'kept').set('SECRET_OLD', 'kept too');
  fake.group.set('OTHER', 'kept of the group').set('SECRET_OLD', 'kept too');
  if (groupId !== undefined) fake.service.set('SECRET', 'of the service itself');
  const held = groupId === undefined ? fake.service : fake.group;
  const other = groupId === undefined ? fake.group : fake.service;
  return {
    config: { baseUrl: fake.url, token: renderToken },
    place: { serviceId: renderService, ...(groupId && { groupId }) },
    secrets: [renderToken],
    refuse: async () => {
      fake.trouble = renderError(403, 'Forbidden');
    },
    breakDown: async () => {
      fake.trouble = renderError(503, 'Service Unavailable');
    },
    neighbours: async (key) =>
      JSON.stringify([[...held].filter(([name]) => name !== key).sort(), [...other]]),
    endRedeploys: async (well) => {
      for (const one of fake.deploys) {
        if (one.status === 'build_in_progress') one.status = well ? 'live' : 'update_failed';
      }
    },
    close: fake.close,
  };
}

export const renderWorld = () => worldOf();
export const renderGroupWorld = () => worldOf(renderGroup);
