import { type Answer, type Asked, type VendorFake, vendorFake } from '#tests/support/vendor-fake.ts';
import type { TargetWorld } from './world.ts';

export const flyToken = 'FlyV1 fm2_lJPECAAAAAAAAAAAAAAAAAAAAAAAAA';

export interface FlyMachine {
  id: string;
  instance_id: string;
  state: string;
  config: object;
  checks: { name: string; status: string }[];
  /** The secrets that it booted with. */
  booted: Record<string, string>;
  /** The version of the secrets that its last replacement asked for. */
  wants?: number | undefined;
}

export interface FakeFly extends VendorFake {
  readonly secrets: Map<string, string>;
  readonly machines: FlyMachine[];
  /** How many replacements its hosts still refuse because they have no new secrets yet. */
  lagging: number;
  add(state?: string): FlyMachine;
  /** A Machine that was replaced has booted. */
  boot(machine: FlyMachine): void;
}

export const flyError = (status: number, error: string): Answer => ({ status, body: { error } });

/** Secrets and Machines of the app shop as the Machines API documents them: stored at once, read at the next boot. */
export async function fakeFly(): Promise<FakeFly> {
  const secrets = new Map<string, string>();
  const machines: FlyMachine[] = [];
  let count = 0;
  /** The secrets as the hosts last needed them: what they have where nothing newer is asked of them. */
  let snapshot = new Map(secrets);
  let newest = 0;
  const digests = () => [...secrets.keys()].map((name) => ({ name, digest: `d${name.length}` }));

  function add(state = 'started'): FlyMachine {
    count += 1;
    snapshot = new Map(secrets);
    const machine: FlyMachine = {
      id: `m${count}`,
      instance_id: `instance-${count}`,
      state,
      config: { image: 'registry.fly.io/shop:v1', guest: { cpus: 1 }, env: { PORT: '80' } },
      checks: [{ name: 'http', status: 'passing' }],
      booted: Object.fromEntries(secrets),
    };
    machines.push(machine);
    return machine;
  }

  function boot(machine: FlyMachine): void {
    if ((machine.wants ?? 0) >= newest) snapshot = new Map(secrets);
    machine.booted = Object.fromEntries(snapshot);
    Object.assign(machine, { state: 'started', checks: [{ name: 'http', status: 'passing' }] });
  }

  function update({ body }: Asked, machine: FlyMachine): Answer {
    if (body.current_version !== machine.instance_id) return flyError(409, 'machine version mismatch');
    const { min_secrets_version: wants } = body;
    if (wants !== undefined && fake.lagging > 0) {
      fake.lagging -= 1;
      return flyError(412, `min_secrets_version ${wants} is not yet available on this app`);
    }
    count += 1;
    machine.wants = wants === undefined ? undefined : Number(wants);
    const state = body.skip_launch === true ? 'stopped' : 'replacing';
    Object.assign(machine, { instance_id: `instance-${count}`, config: body.config, state, checks: [] });
    return { status: 200, body: machine };
  }

  const server = await vendorFake((asked) => {
    if (asked.headers.authorization !== flyToken) return flyError(401, 'unauthenticated');
    const [, , app, room, id] = asked.path;
    if (app !== 'shop') return flyError(404, 'app not found');
    if (room === 'secrets' && asked.method === 'POST') {
      for (const [name, value] of Object.entries(asked.body.values ?? {})) {
        if (value === null) secrets.delete(name);
        else secrets.set(name, String(value));
      }
      newest += 1;
      return { status: 200, body: { secrets: digests(), version: newest } };
    }
    if (room === 'secrets') return { status: 200, body: { secrets: digests() } };
    const machine = machines.find((one) => one.id === id);
    if (id !== undefined) return machine ? update(asked, machine) : flyError(404, 'machine not found');
    return { status: 200, body: machines.map(({ booted: _booted, wants: _wants, ...shown }) => shown) };
  });
  const fake: FakeFly = Object.assign(server, { secrets, machines, lagging: 0, add, boot });
  return fake;
}

export async function flyWorld(): Promise<TargetWorld> {
  const fake = await fakeFly();
  fake.secrets.set('OTHER', 'kept').set('SECRET_OLD', 'kept too');
  fake.add();
  return {
    config: { baseUrl: fake.url, token: flyToken },
    place: { app: 'shop' },
    secrets: [flyToken],
    refuse: async () => {
      fake.trouble = flyError(403, 'forbidden');
    },
    breakDown: async () => {
      fake.trouble = flyError(503, 'unavailable');
    },
    neighbours: async (key) => JSON.stringify([...fake.secrets].filter(([name]) => name !== key).sort()),
    storedAt: async (key) => fake.secrets.get(key),
    endRedeploys: async (well) => {
      for (const machine of fake.machines) {
        if (well) fake.boot(machine);
        else machine.state = 'failed';
      }
    },
    close: fake.close,
  };
}
