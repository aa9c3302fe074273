import { randomInt } from 'node:crypto';
import { inspect } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { Call, ConnectorError, Fields, Slot } from '#connectors/contract.ts';
import { keysIn } from '#connectors/next-keys.ts';
import {
  issuerConnector,
  issuerConnectors,
  targetConnector,
  targetConnectors,
} from '#connectors/registry.ts';
import { HttpError, type HttpRequest } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../support/call.ts';
import { failure as failureOf } from '../support/failure.ts';
import { issuerFixtures, targetFixtures } from './fixtures.ts';
import { clockedSteps } from './propagation.ts';
import type { IssuerWorld, TargetWorld } from './worlds/world.ts';

/** Names of worlds: a connector's kind, or its kind and what is special about this world after a colon. */
const issuers = Object.keys(issuerFixtures);
const targets = Object.keys(targetFixtures);
/** Targets of Rekey's own, where no sign-in is stored that could be refused. */
const targetsWithoutSignIn = ['pull'];
/** Versions as the engine names them. */
const [FIRST, SECOND, THIRD] = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`) as [
  string,
  string,
  string,
];
const kindOf = (name: string) => name.split(':')[0] ?? name;
/** Issuers at which Rekey stores no sign-in of its own that could be refused. */
const withoutSignIn = ['assisted', 'random', 'builtin'];
/** Issuers that are no other system, so none can be out of order. */
const withoutSystem = ['random'];

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

type AnyCall = Call<Record<string, unknown>, Record<string, unknown>>;

async function issuerWorld(name: string) {
  const world = await fixture(issuerFixtures, name)();
  open.push(world);
  const connector = issuerConnector(kindOf(name));
  return { world, connector, call: callOf(connector, world) };
}

async function targetWorld(name: string) {
  const world = await fixture(targetFixtures, name)();
  open.push(world);
  const connector = targetConnector(kindOf(name));
  return { world, connector, call: callOf(connector, world) };
}

function fixture<W>(fixtures: Readonly<Record<string, () => Promise<W>>>, name: string): () => Promise<W> {
  const found = fixtures[name];
  if (found === undefined) throw new Error(`tests/connectors/fixtures.ts has no fixture for "${name}".`);
  return found;
}

function callOf(
  connector: { config: z.ZodObject; place: z.ZodObject },
  world: IssuerWorld | TargetWorld,
): AnyCall {
  const config = connector.config.parse(world.config);
  const place = connector.place.parse(world.place);
  const placedId = '00000000-0000-4000-8000-0000000000b1';
  return callWith(config, place, { placedId, versionId: FIRST, fileRoots: world.fileRoots ?? [] });
}

/** The same call before anything was picked. */
const unplaced = (call: AnyCall) => ({ ...call, place: null, versionId: null });

async function failure(act: () => Promise<unknown>, secrets: readonly string[]): Promise<ConnectorError> {
  const error = await failureOf(act, ...secrets);
  expect(error.message).toMatch(/[A-Za-z].*[.)]$/);
  return error;
}

test('every registered connector has a fixture here, and no fixture is left over', () => {
  expect(new Set(issuers.map(kindOf))).toEqual(new Set(issuerConnectors.keys()));
  expect(new Set(targets.map(kindOf))).toEqual(new Set(targetConnectors.keys()));
});

test.each([...issuerConnectors.values(), ...targetConnectors.values()])(
  '$kind says what it is, and its forms can be drawn',
  ({ kind, title, docs, needs, proven, config, place }) => {
    expect(kind).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(title.length).toBeGreaterThan(3);
    expect(docs.length).toBeGreaterThan(3);
    expect(needs).toMatch(/\.$/);
    expect(proven.on).toMatch(/^\d{4}-\d\d-\d\d$/);
    for (const schema of [config, place]) {
      expect(schema).toBeInstanceOf(z.ZodObject);
      const drawn = z.toJSONSchema(schema, { io: 'input' });
      expect(drawn.type).toBe('object');
      for (const field of Object.values(drawn.properties ?? {})) {
        expect(typeof field === 'object' && field.title).toBeTruthy();
      }
    }
  },
);

test.each(issuers)(
  '%s: config and place as entered are accepted, and its abilities agree with each other',
  async (kind) => {
    const { connector, call } = await issuerWorld(kind);
    const can = connector.can(call.config, call.place);
    expect(can.maxLive).toBeGreaterThanOrEqual(1);
    expect(can.overlap === 'none').toBe(can.maxLive === 1);
    if (can.overlap !== 'none') expect(connector.revoke).toBeDefined();
    if (connector.issue === undefined) expect(can.overlap).toBe('none');
    expect(connector.issue === undefined).toBe(connector.task !== undefined);
    if (can.list) expect(connector.listSecrets).toBeDefined();
    if (can.tags) expect(can.list).toBe(true);
    if (can.chosenValue) expect(connector.chosen).toBeDefined();
    if (can.readBack) expect(connector.readBack).toBeDefined();
  },
);

test.each([...issuerConnectors.keys()])(
  '%s: there is a revoke exactly where some credential of it can have two secrets that work',
  async (kind) => {
    const worlds = await Promise.all(issuers.filter((name) => kindOf(name) === kind).map(issuerWorld));
    const overlaps = worlds.some(({ connector, call }) => revokeIn(connector, call) !== undefined);
    expect(issuerConnector(kind).revoke !== undefined).toBe(overlaps);
  },
);

test.each(issuers)('%s: check passes when all is well', async (kind) => {
  const { connector, call } = await issuerWorld(kind);
  await connector.check(call);
});

test.each(issuers)('%s: a refused sign-in is never, because of permission', async (kind) => {
  const { connector, call, world } = await issuerWorld(kind);
  expect(world.refuse === undefined).toBe(withoutSignIn.includes(kindOf(kind)));
  await world.refuse?.();
  const acts = [
    () => connector.check(call),
    () => issued(connector, call),
    ...(revokeIn(connector, call) ? [() => connector.revoke?.(call, 'x')] : []),
  ];
  for (const act of world.refuse ? acts : []) {
    const error = await failure(async () => act(), world.secrets);
    expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  }
  // What may not be changed may still be looked at.
  const seen = await connector.browse?.(unplaced(call)).catch((error: unknown) => error);
  if (seen instanceof Error) expect(seen).toMatchObject({ retry: 'never', because: 'permission' });
});

test.each(issuers)(
  '%s: an issuer out of order is later, and unknown where something may have happened',
  async (kind) => {
    const { connector, call, world } = await issuerWorld(kind);
    if (withoutSystem.includes(kindOf(kind))) return;
    await world.breakDown();
    expect((await failure(() => connector.check(call), world.secrets)).retry).toBe('later');
    expect((await failure(() => connector.verify(call, world.working), world.secrets)).retry).toBe('later');
    if (connector.issue === undefined) return;
    // With a chosen value it may ask before it sets it.
    const { chosenValue } = connector.can(call.config, call.place);
    const failed = await failure(() => issued(connector, call), world.secrets);
    if (world.asksBeforeIssuing) expect(failed.retry).toBe('later');
    else expect(chosenValue ? ['later', 'unknown'] : ['unknown']).toContain(failed.retry);
    if (revokeIn(connector, call) === undefined) return;
    const revoked = await failure(async () => connector.revoke?.(call, 'x'), world.secrets);
    expect(['later', 'unknown']).toContain(revoked.retry);
  },
);

/** An http that loses the answer number `at`, and how many were asked of it. */
function losing(call: AnyCall, at: number) {
  const seen = { asked: 0 };
  const request = async (asked: HttpRequest) => {
    const response = await call.http.request(asked);
    seen.asked += 1;
    if (seen.asked !== at) return response;
    throw new HttpError('The answer was cut off; it may or may not have taken effect.', 'unknown');
  };
  return { call: { ...call, http: { request } }, seen };
}

/** A rotation that is rolled back goes by it: `later` says that the old secret is still the one that works. */
test.each(issuers)('%s: a lost answer to what changes the secret is unknown', async (kind) => {
  const { connector, call } = await issuerWorld(kind);
  if (connector.issue === undefined) return;
  const { seen, ...whole } = losing(call, 0);
  await issued(connector, whole.call, 'rotation-1');
  // Connectors with sockets of their own prove it in their own tests.
  if (seen.asked === 0) return;
  const other = await issuerWorld(kind);
  const { call: cut } = losing(other.call, seen.asked);
  const error = await issued(connector, cut, 'rotation-1').catch((reason: unknown) => reason);
  // Where the last question came after the secret, its answer may be missed.
  if (error instanceof Error) expect(error).toMatchObject({ name: 'ConnectorError', retry: 'unknown' });
});

test.each(issuers)('%s: verify accepts the right secret and rejects a wrong one', async (kind) => {
  const { connector, call, world } = await issuerWorld(kind);
  expect(await connector.verify(call, world.working)).toBe('accepted');
  if (world.refusesNothing) {
    expect(connector.can(call.config, call.place).failedSignIns).toBe('none');
    return;
  }
  const wrong: Fields = { ...world.working, [connector.secretField]: new Plaintext('wrong') };
  expect(await connector.verify(call, wrong)).toBe('rejected');
  expect((await failure(() => connector.verify(call, {}), world.secrets)).retry).toBe('never');
});

/** The right secret of a world and one that the issuer refuses, with the engine's steps over them. */
async function clockedWorld(kind: string) {
  const { connector, call, world } = await issuerWorld(kind);
  const dead: Fields = { ...world.working, [connector.secretField]: new Plaintext('wrong') };
  return { ...clockedSteps(connector, call), working: world.working, dead, world };
}

test.each(issuers)(
  '%s: a refusal of a new secret counts once its propagation has passed, and an acceptance at once',
  async (kind) => {
    const { can, working, dead, world, verifyAt } = await clockedWorld(kind);
    const { propagationSeconds } = can;
    expect(await verifyAt(0, working)).toMatchObject({ ended: 'done' });
    if (world.refusesNothing) return;
    if (propagationSeconds > 0) {
      const early = await verifyAt(propagationSeconds - 1, dead);
      expect(early).toMatchObject({ ended: 'waiting', seconds: 1 });
    }
    const late = { ended: 'failed', failure: { retry: 'never', hold: 'verify_rejected' } };
    expect(await verifyAt(propagationSeconds, dead)).toMatchObject(late);
  },
);

test.each(issuers)(
  '%s: an acceptance of the old secret counts against the proof once its propagation has passed, and a refusal at once',
  async (kind) => {
    const { can, seen, working, dead, proveAt } = await clockedWorld(kind);
    const { propagationSeconds, failedSignIns } = can;
    if (failedSignIns === 'none') return;
    if (propagationSeconds > 0) {
      const early = await proveAt(propagationSeconds - 1, working);
      expect(early).toMatchObject({ ended: 'waiting', seconds: 1 });
    }
    const late = { ended: 'failed', failure: { retry: 'never', hold: 'not_provable' } };
    expect(await proveAt(propagationSeconds, working)).toMatchObject(late);
    const proven = await proveAt(0, dead);
    expect(proven).toMatchObject({
      ended: 'done',
      commit: { patch: { versions: [{ proven_dead_at: expect.any(Date) }] } },
    });
    expect(seen.tries).toBe(propagationSeconds > 0 ? 3 : 2);
  },
);

test.each(issuers)(
  '%s: where no dead secret may be tried, the old one is called revoked, not proven, and nobody signs in with it',
  async (kind) => {
    const { can, seen, dead, proveAt } = await clockedWorld(kind);
    if (can.failedSignIns !== 'none') return;
    const ended = await proveAt(can.propagationSeconds, dead);
    expect(ended).toMatchObject({ ended: 'done', commit: { patch: { versions: [{ state: 'revoked' }] } } });
    expect(JSON.stringify(ended)).not.toContain('proven');
    expect(seen.tries).toBe(0);
  },
);

test.each(issuers)(
  '%s: issuing twice gives two secrets that both work, revoking twice succeeds',
  async (kind) => {
    const { connector, call, world } = await issuerWorld(kind);
    if (connector.issue === undefined) {
      expect(connector.task?.(call.config, call.place).steps.length).toBeGreaterThan(0);
      return;
    }
    const { maxLive } = connector.can(call.config, call.place);
    const first = await issued(connector, call, 'rotation-1');
    if (maxLive === 2) await retireInitial(connector, call, world);
    const second = await issued(connector, call, 'rotation-2');
    expect(second.externalId).not.toBe(first.externalId);
    expect(await connector.verify(call, second.fields)).toBe('accepted');
    if (maxLive > 1) {
      expect(await connector.verify(call, first.fields)).toBe('accepted');
    }
    await revokeIn(connector, call)?.(call, first.externalId, first.fields);
    await revokeIn(connector, call)?.(call, first.externalId, first.fields);
    if (!world.refusesNothing) expect(await connector.verify(call, first.fields)).toBe('rejected');
    expect(await connector.verify(call, second.fields)).toBe('accepted');
  },
);

test.each(issuers)(
  '%s: where two slots are full, the refusal is a conflict and nothing is removed',
  async (kind) => {
    const { connector, call, world } = await issuerWorld(kind);
    const { maxLive, list, overlap } = connector.can(call.config, call.place);
    if (maxLive !== 2 || overlap !== 'explicit') return;
    const first = await issued(connector, call, 'rotation-1');
    const error = await failure(() => issued(connector, call, 'rotation-2'), world.secrets);
    expect(error).toMatchObject({ retry: 'never', because: 'conflict' });
    if (list) expect(error.message).toContain(first.externalId);
    expect(await connector.verify(call, first.fields)).toBe('accepted');
    expect(await connector.verify(call, world.working)).toBe('accepted');
  },
);

test.each(issuers)('%s: what it lists and reads back is what it issued', async (kind) => {
  const { connector, call } = await issuerWorld(kind);
  const can = connector.can(call.config, call.place);
  if (!can.list && !can.readBack) return;
  const made = await issued(connector, call);
  if (can.list) {
    const listed = await connector.listSecrets?.(call);
    const found = listed?.find((secret) => secret.externalId === made.externalId);
    expect(found).toBeDefined();
    expect(found?.tag).toBe(can.tags ? 'rotation-1' : undefined);
  }
  if (can.readBack) {
    const read = await connector.readBack?.(call, made.externalId);
    for (const [name, value] of Object.entries(made.fields)) expect(read?.[name]?.equals(value)).toBe(true);
  }
});

test.each(issuers)(
  '%s: what it has contains this place, as an operator would enter it, and no value of a secret',
  async (kind) => {
    const { world, connector, call } = await issuerWorld(kind);
    const { browse } = connector;
    if (browse === undefined) return;
    const found = await browse(unplaced(call));
    expect(found.length).toBeLessThanOrEqual(500);
    const isOwn = (place: Record<string, unknown>) =>
      Object.entries(connector.place.strict().parse(place))
        .filter(([name]) => name in place)
        .every(([name, value]) => inspect(value) === inspect(call.place[name]));
    const own = found.filter(({ place }) => isOwn(place));
    // A place that people make of two things is none that an issuer has.
    expect(own).toHaveLength(world.madeUp ? 0 : 1);
    for (const { label } of found) expect(label).not.toBe('');
    const ids = own[0]?.secrets.map(({ externalId }) => externalId) ?? [];
    // None where the API would have to be asked once for each.
    if (ids.length > 0 && connector.can(call.config, call.place).list) {
      expect(ids).toEqual((await connector.listSecrets?.(call))?.map(({ externalId }) => externalId));
    }
    for (const secret of world.secrets) expect(JSON.stringify(found)).not.toContain(secret);
    await world.breakDown();
    expect((await failure(() => browse(unplaced(call)), world.secrets)).retry).toBe('later');
  },
);

test.each(targets)('%s: check passes when all is well', async (kind) => {
  const { connector, call } = await targetWorld(kind);
  await connector.check(call);
});

type Key = 'SECRET' | 'CLIENT_ID' | 'SIBLING';

/** Entries under the names this target has for the suite's keys. */
function named(world: TargetWorld, values: Partial<Record<Key, string>>): Record<string, Plaintext> {
  return Object.fromEntries(
    (Object.entries(values) as [Key, string][]).map(([key, value]) => [
      nameIn(world, key),
      new Plaintext(value),
    ]),
  );
}

const nameIn = (world: TargetWorld, key: Key) => world.nameOf?.(key) ?? key;

interface TargetThere {
  readonly world: TargetWorld;
  readonly connector: ReturnType<typeof targetConnector>;
}

/**
 * What a slot holds of these entries: as the connector confirms it, or, where the connector cannot read back and says
 * so, as the other side has it.
 */
async function stateOf(
  { world, connector }: TargetThere,
  call: AnyCall,
  entries: Record<string, Plaintext>,
  slot: Slot,
): Promise<'live' | 'pending'> {
  const { storedAt, fetch } = world;
  const isFetched = connector.can(call.config, call.place).readBack === 'fetched';
  expect(fetch !== undefined).toBe(isFetched);
  await fetch?.(false);
  const said = await connector.confirm(call, entries, slot);
  if (connector.can(call.config, call.place).readBack !== 'none') {
    expect(said).not.toBe('unknown');
    return said === 'live' ? 'live' : 'pending';
  }
  expect(said).toBe('unknown');
  if (storedAt === undefined)
    throw new Error('The world of a target that cannot be read back has `storedAt`.');
  const keyOf = keysIn(slot, Object.keys(entries));
  for (const [key, value] of Object.entries(entries)) {
    if ((await storedAt(keyOf(key))) !== value.expose()) return 'pending';
  }
  return 'live';
}

/** The call for a value of no version that was delivered: where only the version is kept, another value is another version. */
function elsewhere({ connector }: TargetThere, call: AnyCall): AnyCall {
  const isFetched = connector.can(call.config, call.place).readBack === 'fetched';
  return isFetched ? { ...call, versionId: THIRD } : call;
}

test.each(targets)(
  '%s: a delivery is live, twice is harmless, and neighbours stay as they were',
  async (kind) => {
    const there = await targetWorld(kind);
    const { connector, call, world } = there;
    const key = nameIn(world, 'SECRET');
    const neighbours = await world.neighbours(key);
    const entries = named(world, { SECRET: 'new \'value\' #1 "$x"' });
    expect(await stateOf(there, call, entries, 'primary')).toBe('pending');
    for (let time = 0; time < 2; time += 1) {
      await connector.deliver(call, entries, 'primary');
      expect(await stateOf(there, call, entries, 'primary')).toBe('live');
    }
    expect(await world.neighbours(key)).toBe(neighbours);
  },
);

test.each(targets)(
  '%s: another value or version is pending, and several entries at once are live',
  async (kind) => {
    const there = await targetWorld(kind);
    const { connector, call, world } = there;
    const entries = named(world, { SECRET: 'a', CLIENT_ID: 'b' });
    await connector.deliver(call, entries, 'primary');
    expect(await stateOf(there, call, entries, 'primary')).toBe('live');
    const other = { ...entries, ...named(world, { SECRET: 'other' }) };
    expect(await stateOf(there, elsewhere(there, call), other, 'primary')).toBe('pending');
    const next = { ...call, versionId: SECOND };
    await connector.deliver(next, { ...entries, ...named(world, { SECRET: 'c' }) }, 'primary');
    expect(await stateOf(there, call, entries, 'primary')).toBe('pending');
  },
);

test.each(targets)(
  '%s: a target that is refused or out of order says so, and names no value',
  async (kind) => {
    const refused = await targetWorld(kind);
    const { refuse } = refused.world;
    expect(refuse === undefined).toBe(targetsWithoutSignIn.includes(kindOf(kind)));
    await refuse?.();
    const entries = named(refused.world, { SECRET: 's3cret-value' });
    const secrets = [...refused.world.secrets, 's3cret-value'];
    for (const act of refuse === undefined ? [] : [refused.connector.check, refused.connector.deliver]) {
      const error = await failure(() => act(refused.call, entries, 'primary'), secrets);
      expect(error).toMatchObject({ retry: 'never', because: 'permission' });
    }
    const broken = await targetWorld(kind);
    await broken.world.breakDown();
    for (const act of [broken.connector.check, broken.connector.deliver]) {
      const error = await failure(
        () => act(broken.call, entries, 'primary'),
        [...broken.world.secrets, 's3cret-value'],
      );
      expect(error.retry).toBe('later');
    }
  },
);

test.each(targets)(
  '%s: where consumers fetch, a delivery is live once they have fetched it since, and adopted once they have said so since',
  async (kind) => {
    const { connector, call, world } = await targetWorld(kind);
    const isFetched = connector.can(call.config, call.place).readBack === 'fetched';
    expect(connector.adopted !== undefined).toBe(isFetched);
    const { fetch } = world;
    const { adopted } = connector;
    if (fetch === undefined || adopted === undefined) return;
    const entries = named(world, { SECRET: 'value' });
    const second = { ...call, versionId: SECOND };
    // Also for a version that was fetched before: consumers have another one now.
    for (const [now, other] of [
      [call, second],
      [second, call],
      [call, second],
    ] as const) {
      await connector.deliver(now, entries, 'primary');
      expect(await connector.confirm(now, entries, 'primary')).toBe('unknown');
      await fetch(false);
      expect(await connector.confirm(now, entries, 'primary')).toBe('live');
      expect(await connector.confirm(other, entries, 'primary')).toBe('pending');
      expect(await adopted(now, entries)).toBe(false);
      await fetch(true);
      expect([await adopted(now, entries), await adopted(other, entries)]).toEqual([true, false]);
    }
  },
);

test.each(targets)('%s: a redeployment is begun once, and its end is seen, good or bad', async (kind) => {
  const { connector, call, world } = await targetWorld(kind);
  const { redeploy, redeployState } = connector;
  const calls = connector.can(call.config, call.place).redeploy === 'call';
  // A place may leave out what is redeployed, so a connector that can is free not to here.
  expect(redeployState !== undefined).toBe(redeploy !== undefined);
  if (calls) expect(redeploy).toBeDefined();
  if (!calls || redeploy === undefined || redeployState === undefined) return;
  const { endRedeploys } = world;
  if (endRedeploys === undefined) throw new Error('The world of a target that redeploys has `endRedeploys`.');
  for (const [well, end] of [
    [true, 'done'],
    [false, 'failed'],
  ] as const) {
    await connector.deliver(call, named(world, { SECRET: `value-${well}` }), 'primary');
    const ref = await redeploy(call);
    expect(await redeployState(call, ref)).toBe('running');
    await endRedeploys(well);
    expect(await redeployState(call, ref)).toBe(end);
  }
});

test.each(targets)(
  '%s: where no next secret can be held, a delivery to that slot is refused and there is nothing to remove',
  async (kind) => {
    const { connector, call, world } = await targetWorld(kind);
    const { holdsNext } = connector.can(call.config, call.place);
    expect(connector.remove !== undefined).toBe(holdsNext);
    if (holdsNext) return;
    const neighbours = await world.neighbours('none');
    const entries = named(world, { SECRET: 'next' });
    expect((await failure(() => connector.deliver(call, entries, 'next'), [])).retry).toBe('never');
    expect(await world.neighbours('none')).toBe(neighbours);
  },
);

/** A target that holds the old entries as primary, or undefined where it holds no next ones. */
async function nextWorld(kind: string) {
  const there = await targetWorld(kind);
  const { world, connector, call } = there;
  const { remove } = connector;
  if (!connector.can(call.config, call.place).holdsNext || remove === undefined) return undefined;
  const old = named(world, { SECRET: 'old value', CLIENT_ID: 'client' });
  const coming = named(world, { SECRET: 'new "value" #2', CLIENT_ID: 'client' });
  await connector.deliver(call, old, 'primary');
  return { ...there, old, coming, next: { ...call, versionId: SECOND }, remove };
}

test.each(targets)('%s: the next value lies beside the primary one, which does not change', async (kind) => {
  const there = await nextWorld(kind);
  if (there === undefined) return;
  const { connector, call, next, old, coming } = there;
  await connector.deliver(next, coming, 'next');
  await connector.deliver(next, coming, 'next');
  expect(await stateOf(there, next, coming, 'next')).toBe('live');
  expect(await stateOf(there, call, old, 'primary')).toBe('live');
  await connector.deliver(next, coming, 'primary');
  expect(await stateOf(there, next, coming, 'primary')).toBe('live');
  await connector.deliver({ ...call, versionId: THIRD }, old, 'primary');
  expect(await stateOf(there, next, coming, 'next')).toBe('live');
});

test.each(targets)(
  '%s: an empty next slot is told from one that holds any value, where it can tell',
  async (kind) => {
    const there = await nextWorld(kind);
    const { isEmpty } = there?.connector ?? {};
    if (there === undefined || isEmpty === undefined) return;
    const { next, remove, coming, connector } = there;
    const keys = Object.keys(coming);
    expect(await isEmpty(next, keys)).toBe(true);
    await connector.deliver(next, coming, 'next');
    expect(await isEmpty({ ...next, versionId: THIRD }, keys)).toBe(false);
    await remove(next, keys, 'next');
    expect(await isEmpty(next, keys)).toBe(true);
  },
);

test.each(targets)('%s: what one slot holds is no answer for the other', async (kind) => {
  const there = await nextWorld(kind);
  if (there === undefined) return;
  const { connector, call, next, old, coming, world } = there;
  expect(await stateOf(there, call, old, 'next')).toBe('pending');
  await connector.deliver(next, coming, 'next');
  expect(await stateOf(there, next, coming, 'primary')).toBe('pending');
  expect(await stateOf(there, call, old, 'next')).toBe('pending');
  const mixed = { ...coming, ...named(world, { SECRET: 'old value' }) };
  expect(await stateOf(there, elsewhere(there, next), mixed, 'next')).toBe('pending');
});

test.each(targets)(
  '%s: removing the next value leaves all else as it was, and twice is harmless',
  async (kind) => {
    const there = await nextWorld(kind);
    if (there === undefined) return;
    const { world, connector, call, next, remove, old, coming } = there;
    const sibling = named(world, { SIBLING: 'of another binding' });
    await connector.deliver(next, sibling, 'next');
    const before = await world.neighbours('none');
    await connector.deliver(next, coming, 'next');
    expect(await world.neighbours('none')).not.toBe(before);
    for (let time = 0; time < 2; time += 1) {
      await remove({ ...next, versionId: null }, Object.keys(coming), 'next');
      expect(await world.neighbours('none')).toBe(before);
      expect(await stateOf(there, next, coming, 'next')).toBe('pending');
      expect(await stateOf(there, next, sibling, 'next')).toBe('live');
      expect(await stateOf(there, call, old, 'primary')).toBe('live');
    }
  },
);

test.each(targets)(
  '%s: a removal that is refused or out of order says so, and names no value',
  async (kind) => {
    const there = await nextWorld(kind);
    if (there === undefined) return;
    const { world, connector, next, remove, coming } = there;
    const key = nameIn(world, 'SECRET');
    await connector.deliver(next, coming, 'next');
    const secrets = [...world.secrets, coming[key]?.expose() ?? ''];
    await world.breakDown();
    expect((await failure(() => remove(next, [key], 'next'), secrets)).retry).toBe('later');
    if (world.refuse === undefined) return;
    await world.refuse();
    expect(await failure(() => remove(next, [key], 'next'), secrets)).toMatchObject({
      retry: 'never',
      because: 'permission',
    });
  },
);

/** What the engine would revoke with: nothing where the issuer itself ends the old secret, which may differ by place. */
function revokeIn(connector: ReturnType<typeof issuerConnector>, call: AnyCall) {
  return connector.can(call.config, call.place).overlap === 'none' ? undefined : connector.revoke;
}

/** Makes room where an issuer has two slots, as the engine does before its next rotation. */
async function retireInitial(
  connector: ReturnType<typeof issuerConnector>,
  call: AnyCall,
  { initial, working }: IssuerWorld,
): Promise<void> {
  if (initial === undefined)
    throw new Error('The world of an issuer with two slots names its initial secret.');
  await connector.revoke?.(call, initial, working);
}

/** Issues as the engine does: with a value of the connector's own alphabet where the issuer takes a chosen one. */
function issued(connector: ReturnType<typeof issuerConnector>, call: AnyCall, rotationId = 'rotation-1') {
  if (connector.issue === undefined) throw new Error('this issuer has no API');
  const { chosenValue, overlap } = connector.can(call.config, call.place);
  const previousEndsAt = new Date(Date.now() + 3_600_000);
  const wish = { rotationId, ...(overlap === 'graced' && { previousEndsAt }) };
  if (!chosenValue) return connector.issue(call, wish);
  const made = connector.chosen?.(call.config, call.place);
  if (made === undefined) throw new Error('this issuer does not say what a chosen value is made of');
  const { alphabet, length, prefix = '', suffix = '' } = made;
  const value = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
  return connector.issue(call, { ...wish, chosen: new Plaintext(`${prefix}${value}${suffix}`) });
}
