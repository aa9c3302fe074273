import { expect, test } from 'vitest';
import { openIssuer } from '#core/outside/open-connector.ts';
import { Turn, takeTurns } from '#core/outside/turn.ts';
import { sealFields } from '#core/vault/fields.ts';
import { newId } from '#lib/new-id.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { moveTime } from '#tests/support/database.ts';

/** Each is what another worker would have of the same system. */
const turnAt = (system: string, limits: { concurrency?: number; perMinute?: number }) =>
  new Turn(system, 'Graph', limits);

const later = (interval: string) => moveTime(process.env.DATABASE_URL ?? '', interval);

test('no more turns than the limit allows are held at the same time, by all workers together', async () => {
  const turns = Array.from({ length: 12 }, () => turnAt('issuers a', { concurrency: 2 }));
  const waits = await Promise.all(turns.map((turn) => turn.take()));
  expect(waits.filter((seconds) => seconds === 0)).toHaveLength(2);
  expect(await turnAt('issuers b', { concurrency: 2 }).take()).toBe(0);
});

test('a turn that was given back is free again, and one whose worker died is free after its time', async () => {
  const first = turnAt('issuers c', { concurrency: 1 });
  expect(await first.take()).toBe(0);
  expect(await turnAt('issuers c', { concurrency: 1 }).take()).toBeGreaterThan(0);
  await first.leave();
  expect(await turnAt('issuers c', { concurrency: 1 }).take()).toBe(0);
  await later('29 seconds');
  expect(await turnAt('issuers c', { concurrency: 1 }).take()).toBeGreaterThan(0);
  await later('2 seconds');
  expect(await turnAt('issuers c', { concurrency: 1 }).take()).toBe(0);
});

test('calls are counted for a minute, also those of turns that were given back', async () => {
  const limits = { perMinute: 5 };
  const first = turnAt('issuers d', limits);
  expect(await first.take()).toBe(0);
  for (let call = 0; call < 5; call += 1) {
    await first.enter();
    await first.leave();
  }
  await first.leave();
  const seconds = await turnAt('issuers d', limits).take();
  expect(seconds).toBeGreaterThan(50);
  await later('61 seconds');
  expect(await turnAt('issuers d', limits).take()).toBe(0);
});

test('questions that belong together share one turn, and the last one gives it back', async () => {
  const limits = { concurrency: 1 };
  const turn = turnAt('issuers e', limits);
  await Promise.all([turn.enter(), turn.enter(), turn.enter()]);
  await turn.leave();
  await turn.leave();
  expect(await turnAt('issuers e', limits).take()).toBeGreaterThan(0);
  await turn.leave();
  expect(await turnAt('issuers e', limits).take()).toBe(0);
});

test('a question waits for its turn, and says so when none comes free soon', async () => {
  const limits = { concurrency: 1 };
  const first = turnAt('issuers f', limits);
  await first.take();
  const second = turnAt('issuers f', limits);
  const entering = second.enter();
  await first.leave();
  await entering;
  const busy = turnAt('issuers g', { perMinute: 1 });
  await busy.take();
  await expect(turnAt('issuers g', { perMinute: 1 }).enter()).rejects.toMatchObject({
    retry: 'later',
    message: expect.stringMatching(/^Graph is asked as often as its limits allow: nothing was asked\./),
  });
});

test('where one of several systems is busy, no turn is kept at any of them', async () => {
  const [free, busy] = ['issuers h', 'issuers i'].map((system) => turnAt(system, { concurrency: 1 }));
  await turnAt('issuers i', { concurrency: 1 }).take();
  const turns = await takeTurns([{ turn: free ?? null }, { turn: null }, { turn: busy ?? null }]);
  expect(turns.waitSeconds).toBeGreaterThan(0);
  expect(await turnAt('issuers h', { concurrency: 1 }).take()).toBe(0);
});

test('turns that were given back because another system was busy use up no calls', async () => {
  const limits = { perMinute: 2 };
  await turnAt('issuers k', { concurrency: 1 }).take();
  for (let n = 0; n < 5; n += 1) {
    const both = [{ turn: turnAt('issuers j', limits) }, { turn: turnAt('issuers k', { concurrency: 1 }) }];
    expect((await takeTurns(both)).waitSeconds).toBeLessThan(1);
  }
  expect(await turnAt('issuers j', limits).take()).toBe(0);
});

test('a clock that is set back does not keep a system closed until it is there again', async () => {
  const limits = { concurrency: 1, perMinute: 1 };
  const first = turnAt('issuers l', limits);
  await first.enter();
  await first.leave();
  expect(await turnAt('issuers l', limits).take()).toBeGreaterThan(0);
  await later('-2 hours');
  expect(await turnAt('issuers l', limits).take()).toBe(0);
});

/** An issuer of Microsoft Entra as it is stored, with a place of one of its credentials. */
function entraAt(tenant: string) {
  const id = newId();
  const secret = { clientSecret: new Plaintext('of Rekey') };
  const sealed = sealFields({ table: 'issuers', id, field: 'sealed' }, secret);
  const row = { id, name: 'Entra', kind: 'entra', config: { tenant, clientId: 'rekey' }, sealed };
  const place = { clientId: '5f0ab5ac-8a4c-4f57-8a59-7b9b1f0f1a11' };
  return openIssuer(row, { table: 'credentials', id: newId(), place, sealed: null });
}

test('issuers of one tenant of Microsoft Entra are asked by one step at a time, and other tenants at once', async () => {
  const [first, second, other] = ['contoso.example', 'Contoso.example', 'fabrikam.example'].map(entraAt);
  expect(await first?.turn?.take()).toBe(0);
  expect(await second?.turn?.take()).toBeGreaterThan(0);
  expect(await other?.turn?.take()).toBe(0);
  await first?.turn?.leave();
  expect(await second?.turn?.take()).toBe(0);
});
