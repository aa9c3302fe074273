import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConnectorError } from '#connectors/contract.ts';
import { random } from '#connectors/issuers/random.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { callWith } from '../../support/call.ts';

type Entered = { format: 'base64url' | 'base64' | 'hex' | 'whsec'; bytes: number };

const callFor = (entered: Entered) => callWith({}, random.place.parse(entered));
const wanted = fc.record({
  format: fc.constantFrom('base64url', 'base64', 'hex', 'whsec'),
  bytes: fc.integer({ min: 24, max: 64 }),
}) as fc.Arbitrary<Entered>;

const encodingOf = ({ format }: Entered) => (format === 'whsec' ? 'base64' : format);

/** As the engine makes it, with one letter of the alphabet. */
function madeFrom(entered: Entered, letter: number): string {
  const { place } = callFor(entered);
  const {
    alphabet,
    length,
    prefix = '',
    suffix = '',
  } = random.chosen?.({}, place) ?? {
    alphabet: '',
    length: 0,
  };
  return `${prefix}${(alphabet[letter % alphabet.length] ?? '').repeat(length)}${suffix}`;
}

test('every chosen value stands for exactly the bytes that were asked for, in the form of a strict encoder', async () => {
  await fc.assert(
    fc.asyncProperty(wanted, fc.nat(63), async (entered, letter) => {
      const value = madeFrom(entered, letter);
      const text = value.replace(/^whsec_/, '');
      expect(value.startsWith('whsec_')).toBe(entered.format === 'whsec');
      const decoded = Buffer.from(text, encodingOf(entered));
      expect(decoded).toHaveLength(entered.bytes);
      expect(decoded.toString(encodingOf(entered))).toBe(text);
      const call = callFor(entered);
      expect(await random.verify(call, { secret: new Plaintext(value) })).toBe('accepted');
    }),
  );
});

test('all but the bits that make a value come out even are random, whatever is asked for', () => {
  for (const format of ['base64url', 'base64', 'hex'] as const) {
    const made = random.chosen?.({}, callFor({ format, bytes: 16 }).place);
    expect((made?.length ?? 0) * Math.log2(made?.alphabet.length ?? 1)).toBeGreaterThanOrEqual(126);
  }
});

test('a value that was made elsewhere in the same form is accepted, one of another form is not', async () => {
  await fc.assert(
    fc.asyncProperty(wanted, async (entered) => {
      const call = callFor(entered);
      const text = randomBytes(entered.bytes).toString(encodingOf(entered));
      const value = entered.format === 'whsec' ? `whsec_${text}` : text;
      expect(await random.verify(call, { secret: new Plaintext(value) })).toBe('accepted');
      for (const other of [`${value}A`, value.slice(1), `${value.slice(0, -1)}*`, '', `x${value}`]) {
        expect(await random.verify(call, { secret: new Plaintext(other) })).toBe('rejected');
      }
    }),
  );
});

test('a whsec_ secret of a size that Standard Webhooks does not have is refused as it is entered', () => {
  expect(random.place.safeParse({ format: 'whsec', bytes: 128 }).error?.issues[0]).toMatchObject({
    path: ['bytes'],
    message: 'a whsec_ secret has 24 to 64 bytes',
  });
  expect(random.place.safeParse({ format: 'hex', bytes: 128 }).success).toBe(true);
});

test('the value in use is the one that was chosen, and no two rotations share a name', async () => {
  const call = callFor({ format: 'hex', bytes: 32 });
  const chosen = new Plaintext('0'.repeat(64));
  const first = await random.issue?.(call, { rotationId: 'r1', chosen });
  const again = await random.issue?.(call, { rotationId: 'r2', chosen });
  expect(first?.fields.secret?.equals(chosen)).toBe(true);
  expect(first?.externalId).not.toBe(again?.externalId);
});

test('without a chosen value, or without the field, it says so', async () => {
  const call = callFor({ format: 'hex', bytes: 32 });
  await expect(random.issue?.(call, { rotationId: 'r1' })).rejects.toThrow(ConnectorError);
  await expect(random.verify(call, {})).rejects.toThrow(/no field `secret`/);
});
