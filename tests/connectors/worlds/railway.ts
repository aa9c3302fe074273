import { type Answer, type Asked, type VendorFake, vendorFake } from '#tests/support/vendor-fake.ts';
import type { TargetWorld } from './world.ts';

export const railwayToken = '6f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b';
export const railwayPlace = {
  projectId: '11111111-1111-4111-8111-111111111111',
  environmentId: '22222222-2222-4222-8222-222222222222',
  serviceId: '33333333-3333-4333-8333-333333333333',
};

export interface FakeRailway extends VendorFake {
  readonly service: Map<string, string>;
  readonly shared: Map<string, string>;
  /** Variables that are never shown. */
  readonly sealed: Set<string>;
  /** The newest first. */
  readonly deployments: { id: string; status: string; saw: Record<string, string> }[];
  /** Header that the token came in. */
  header: string;
}

export const railwayError = (message: string, code = 'INTERNAL_SERVER_ERROR', status = 200): Answer => ({
  status,
  body: {
    errors: [{ message, locations: [{ line: 1, column: 2 }], path: ['x'], extensions: { code } }],
    data: null,
  },
});

/** The public GraphQL API as documented, for one service in one environment. Its errors come with status 200. */
export async function fakeRailway(): Promise<FakeRailway> {
  const service = new Map<string, string>();
  const shared = new Map<string, string>();
  const sealed = new Set<string>();
  const deployments: FakeRailway['deployments'] = [];
  const data = (fields: object): Answer => ({ status: 200, body: { data: fields } });

  function deploy(): void {
    const saw = Object.fromEntries([...shared, ...service]);
    deployments.unshift({ id: `deployment-${deployments.length + 1}`, status: 'QUEUED', saw });
  }

  function carryOut(
    field: string | undefined,
    input: Record<string, unknown>,
    raw: boolean,
    first: number,
  ): Answer {
    const vars = input.serviceId === undefined ? shared : service;
    switch (field) {
      case 'variables':
        return data({
          variables: Object.fromEntries(
            [...vars]
              .filter(([name]) => !sealed.has(name))
              .map(([name, value]) => [name, raw ? value : value.replace(/\$\{\{.*?\}\}/g, 'resolved')]),
          ),
        });
      case 'variableUpsert':
        vars.set(String(input.name), String(input.value));
        if (input.skipDeploys !== true) deploy();
        return data({ variableUpsert: true });
      case 'variableDelete':
        vars.delete(String(input.name));
        return data({ variableDelete: true });
      case 'serviceInstanceRedeploy':
        deploy();
        return data({ serviceInstanceRedeploy: true });
      case 'deployments':
        return data({
          deployments: {
            edges: deployments.slice(0, first).map(({ id, status }) => ({ node: { id, status } })),
          },
        });
      default:
        return railwayError(`Cannot query field "${field}"`, 'GRAPHQL_VALIDATION_FAILED', 400);
    }
  }

  const fake = await vendorFake(({ path, headers, body }: Asked) => {
    if (path.join('/') !== 'graphql/v2') return { status: 404, body: 'Not Found' };
    const given = headers[state.header]?.replace('Bearer ', '');
    if (given !== railwayToken) return railwayError('Not Authorized');
    const query = String(body.query);
    const sent = (body.variables ?? {}) as Record<string, unknown>;
    const input = (sent.input ?? sent) as Record<string, unknown>;
    const named = Object.keys(sent).every((name) => query.includes(`$${name}`));
    if (!named) return railwayError('Variable is never used', 'GRAPHQL_VALIDATION_FAILED', 400);
    for (const [name, value] of Object.entries(railwayPlace)) {
      if (input[name] !== undefined && input[name] !== value)
        return railwayError(`${name.slice(0, -2)} not found`);
    }
    return carryOut(
      /\{\s*(\w+)/.exec(query)?.[1],
      input,
      query.includes('unrendered: true'),
      Number(sent.first ?? 10),
    );
  });
  const state: FakeRailway = Object.assign(fake, {
    service,
    shared,
    sealed,
    deployments,
    header: 'authorization',
  });
  deploy();
  Object.assign(deployments[0] ?? {}, { status: 'SUCCESS' });
  return state;
}

async function worldOf(sealed: boolean): Promise<TargetWorld> {
  const fake = await fakeRailway();
  fake.service.set('OTHER', `\${{Postgres.DATABASE_URL}}`).set('SECRET_OLD', 'kept too');
  fake.shared.set('SECRET', 'of the environment');
  for (const name of sealed ? ['SECRET', 'CLIENT_ID'] : []) fake.sealed.add(name);
  return {
    config: { baseUrl: fake.url, token: railwayToken },
    place: { ...railwayPlace, sealed },
    secrets: [railwayToken],
    refuse: async () => {
      fake.trouble = railwayError('Not Authorized');
    },
    breakDown: async () => {
      fake.trouble = railwayError('Problem processing request');
    },
    neighbours: async (key) =>
      JSON.stringify([[...fake.service].filter(([name]) => name !== key).sort(), [...fake.shared]]),
    storedAt: async (key) => fake.service.get(key),
    endRedeploys: async (well) => {
      for (const one of fake.deployments)
        if (one.status === 'QUEUED') one.status = well ? 'SUCCESS' : 'FAILED';
    },
    close: fake.close,
  };
}

export const railwayWorld = () => worldOf(false);
export const railwaySealedWorld = () => worldOf(true);
