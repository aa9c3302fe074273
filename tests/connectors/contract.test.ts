import { randomInt } from 'node:crypto';
import { inspect } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type Call, ConnectorError, type Fields } from '#connectors/contract.ts';
import {
  issuerConnector,
  issuerConnectors,
  targetConnector,
  targetConnectors,
} from '#connectors/registry.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../support/call.ts';
import { issuerFixtures, targetFixtures } from './fixtures.ts';
import type { IssuerWorld, TargetWorld } from './worlds/world.ts';

const issuers = [...issuerConnectors.keys()];
const targets = [...targetConnectors.keys()];
/** Issuers at which Rekey stores no sign-in of its own that could be refused. */
const withoutSignIn = ['assisted'];

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

type AnyCall = Call<Record<string, unknown>, Record<string, unknown>>;

async function issuerWorld(kind: string) {
  const world = await fixture(issuerFixtures, kind)();
  open.push(world);
  const connector = issuerConnector(kind);
  return { world, connector, call: callOf(connector, world) };
}

async function targetWorld(kind: string) {
  const world = await fixture(targetFixtures, kind)();
  open.push(world);
  const connector = targetConnector(kind);
  return { world, connector, call: callOf(connector, world) };
}

function fixture<W>(fixtures: Readonly<Record<string, () => Promise<W>>>, kind: string): () => Promise<W> {
  const found = fixtures[kind];
  if (found === undefined) throw new Error(`tests/connectors/fixtures.ts has no fixture for "${kind}".`);
  return found;
}

function callOf(
  connector: { config: z.ZodObject; place: z.ZodObject },
  world: IssuerWorld | TargetWorld,
): AnyCall {
  const config = connector.config.parse(world.config);
  const place = connector.place.parse(world.place);
  return callWith(config, place, { fileRoots: world.fileRoots ?? [] });
}

async function failure(act: () => Promise<unknown>, secrets: readonly string[]): Promise<ConnectorError> {
  const error = await act().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectorError)) throw new Error('expected a ConnectorError', { cause: error });
  for (const secret of secrets) {
    expect(error.message).not.toContain(secret);
    expect(inspect(error, { depth: 8 })).not.toContain(secret);
  }
  expect(error.message).toMatch(/[A-Za-z].*[.)]$/);
  return error;
}

test('every registered connector has a fixture here, and no fixture is left over', () => {
  expect(Object.keys(issuerFixtures).sort()).toEqual([...issuers].sort());
  expect(Object.keys(targetFixtures).sort()).toEqual([...targets].sort());
});

test.each([...issuerConnectors.values(), ...targetConnectors.values()])(
  '$kind says what it is, and its forms can be drawn',
  ({ kind, title, docs, config, place }) => {
    expect(kind).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(title.length).toBeGreaterThan(3);
    expect(docs.length).toBeGreaterThan(3);
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
    expect(can.overlap === 'explicit').toBe(can.maxLive > 1);
    expect(connector.issue === undefined).toBe(connector.revoke === undefined);
    expect(connector.issue === undefined).toBe(connector.task !== undefined);
    if (can.list) expect(connector.listSecrets).toBeDefined();
    if (can.readBack) expect(connector.readBack).toBeDefined();
  },
);

test.each(issuers)('%s: check passes when all is well', async (kind) => {
  const { connector, call } = await issuerWorld(kind);
  await connector.check(call);
});

test.each(issuers)('%s: a refused sign-in is never, because of permission', async (kind) => {
  const { connector, call, world } = await issuerWorld(kind);
  expect(world.refuse === undefined).toBe(withoutSignIn.includes(kind));
  await world.refuse?.();
  const acts = [
    () => connector.check(call),
    () => issued(connector, call),
    () => connector.revoke?.(call, 'x'),
  ];
  for (const act of world.refuse ? acts : []) {
    const error = await failure(async () => act(), world.secrets);
    expect(error).toMatchObject({ retry: 'never', because: 'permission' });
  }
});

test.each(issuers)(
  '%s: an issuer out of order is later, and unknown where something may have happened',
  async (kind) => {
    const { connector, call, world } = await issuerWorld(kind);
    await world.breakDown();
    expect((await failure(() => connector.check(call), world.secrets)).retry).toBe('later');
    expect((await failure(() => connector.verify(call, world.working), world.secrets)).retry).toBe('later');
    if (connector.issue === undefined) return;
    expect((await failure(() => issued(connector, call), world.secrets)).retry).toBe('unknown');
    const revoked = await failure(async () => connector.revoke?.(call, 'x'), world.secrets);
    expect(['later', 'unknown']).toContain(revoked.retry);
  },
);

test.each(issuers)('%s: verify accepts the right secret and rejects a wrong one', async (kind) => {
  const { connector, call, world } = await issuerWorld(kind);
  expect(await connector.verify(call, world.working)).toBe('accepted');
  const wrong: Fields = { ...world.working, [connector.secretField]: new Plaintext('wrong') };
  expect(await connector.verify(call, wrong)).toBe('rejected');
  expect((await failure(() => connector.verify(call, {}), world.secrets)).retry).toBe('never');
});

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
    await connector.revoke?.(call, first.externalId, first.fields);
    await connector.revoke?.(call, first.externalId, first.fields);
    expect(await connector.verify(call, first.fields)).toBe('rejected');
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
    expect(listed?.find((secret) => secret.externalId === made.externalId)?.tag).toBe('rotation-1');
  }
  if (can.readBack) {
    const read = await connector.readBack?.(call, made.externalId);
    for (const [name, value] of Object.entries(made.fields)) expect(read?.[name]?.equals(value)).toBe(true);
  }
});

test.each(targets)('%s: check passes when all is well', async (kind) => {
  const { connector, call } = await targetWorld(kind);
  await connector.check(call);
});

test.each(targets)(
  '%s: a delivery is live, twice is harmless, and neighbours stay as they were',
  async (kind) => {
    const { connector, call, world } = await targetWorld(kind);
    const neighbours = await world.neighbours('SECRET');
    const entries = { SECRET: new Plaintext('new \'value\' #1 "$x"') };
    expect(await connector.confirm(call, entries, 'primary')).toBe('pending');
    await connector.deliver(call, entries, 'primary');
    expect(await connector.confirm(call, entries, 'primary')).toBe('live');
    await connector.deliver(call, entries, 'primary');
    expect(await connector.confirm(call, entries, 'primary')).toBe('live');
    expect(await world.neighbours('SECRET')).toBe(neighbours);
  },
);

test.each(targets)(
  '%s: another value or version is pending, and several entries at once are live',
  async (kind) => {
    const { connector, call } = await targetWorld(kind);
    const entries = { SECRET: new Plaintext('a'), CLIENT_ID: new Plaintext('b') };
    await connector.deliver(call, entries, 'primary');
    expect(await connector.confirm(call, entries, 'primary')).toBe('live');
    expect(await connector.confirm(call, { ...entries, SECRET: new Plaintext('other') }, 'primary')).toBe(
      'pending',
    );
    const next = { ...call, versionId: 'version-2' };
    await connector.deliver(next, { ...entries, SECRET: new Plaintext('c') }, 'primary');
    expect(await connector.confirm(call, entries, 'primary')).toBe('pending');
  },
);

test.each(targets)(
  '%s: a target that is refused or out of order says so, and names no value',
  async (kind) => {
    const entries = { SECRET: new Plaintext('s3cret-value') };
    const refused = await targetWorld(kind);
    await refused.world.refuse?.();
    const secrets = [...refused.world.secrets, 's3cret-value'];
    for (const act of [refused.connector.check, refused.connector.deliver]) {
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
  '%s: where no next secret can be held, a delivery to that slot is refused and there is nothing to remove',
  async (kind) => {
    const { connector, call, world } = await targetWorld(kind);
    const { holdsNext } = connector.can(call.config, call.place);
    expect(connector.remove !== undefined).toBe(holdsNext);
    if (holdsNext) return;
    const neighbours = await world.neighbours('none');
    const entries = { SECRET: new Plaintext('next') };
    expect((await failure(() => connector.deliver(call, entries, 'next'), [])).retry).toBe('never');
    expect(await world.neighbours('none')).toBe(neighbours);
  },
);

const old = { SECRET: new Plaintext('old value'), CLIENT_ID: new Plaintext('client') };
const coming = { SECRET: new Plaintext('new "value" #2'), CLIENT_ID: new Plaintext('client') };

/** A target that holds the old entries as primary, or undefined where it holds no next ones. */
async function nextWorld(kind: string) {
  const { world, connector, call } = await targetWorld(kind);
  const { remove } = connector;
  if (!connector.can(call.config, call.place).holdsNext || remove === undefined) return undefined;
  await connector.deliver(call, old, 'primary');
  return { world, connector, call, next: { ...call, versionId: 'version-2' }, remove };
}

test.each(targets)('%s: the next value lies beside the primary one, which does not change', async (kind) => {
  const there = await nextWorld(kind);
  if (there === undefined) return;
  const { connector, call, next } = there;
  await connector.deliver(next, coming, 'next');
  await connector.deliver(next, coming, 'next');
  expect(await connector.confirm(next, coming, 'next')).toBe('live');
  expect(await connector.confirm(call, old, 'primary')).toBe('live');
  await connector.deliver(next, coming, 'primary');
  expect(await connector.confirm(next, coming, 'primary')).toBe('live');
  await connector.deliver({ ...call, versionId: 'version-3' }, old, 'primary');
  expect(await connector.confirm(next, coming, 'next')).toBe('live');
});

test.each(targets)('%s: what one slot holds is no answer for the other', async (kind) => {
  const there = await nextWorld(kind);
  if (there === undefined) return;
  const { connector, call, next } = there;
  expect(await connector.confirm(call, old, 'next')).toBe('pending');
  await connector.deliver(next, coming, 'next');
  expect(await connector.confirm(next, coming, 'primary')).toBe('pending');
  expect(await connector.confirm(call, old, 'next')).toBe('pending');
  expect(await connector.confirm(next, { ...coming, SECRET: old.SECRET }, 'next')).toBe('pending');
});

test.each(targets)(
  '%s: removing the next value leaves all else as it was, and twice is harmless',
  async (kind) => {
    const there = await nextWorld(kind);
    if (there === undefined) return;
    const { world, connector, call, next, remove } = there;
    const sibling = { SIBLING: new Plaintext('of another binding') };
    await connector.deliver(next, sibling, 'next');
    const before = await world.neighbours('none');
    await connector.deliver(next, coming, 'next');
    expect(await world.neighbours('none')).not.toBe(before);
    for (let time = 0; time < 2; time += 1) {
      await remove({ ...next, versionId: null }, Object.keys(coming), 'next');
      expect(await world.neighbours('none')).toBe(before);
      expect(await connector.confirm(next, coming, 'next')).toBe('pending');
      expect(await connector.confirm(next, sibling, 'next')).toBe('live');
      expect(await connector.confirm(call, old, 'primary')).toBe('live');
    }
  },
);

test.each(targets)(
  '%s: a removal that is refused or out of order says so, and names no value',
  async (kind) => {
    const there = await nextWorld(kind);
    if (there === undefined) return;
    const { world, connector, next, remove } = there;
    await connector.deliver(next, coming, 'next');
    const secrets = [...world.secrets, coming.SECRET.expose()];
    await world.breakDown();
    expect((await failure(() => remove(next, ['SECRET'], 'next'), secrets)).retry).toBe('later');
    await world.refuse?.();
    expect(await failure(() => remove(next, ['SECRET'], 'next'), secrets)).toMatchObject({
      retry: 'never',
      because: 'permission',
    });
  },
);

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
  if (!connector.can(call.config, call.place).chosenValue) return connector.issue(call, { rotationId });
  const { alphabet, length } = connector.chosen?.(call.config, call.place) ?? {
    alphabet: 'abcdef',
    length: 43,
  };
  const value = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
  return connector.issue(call, { rotationId, chosen: new Plaintext(value) });
}
