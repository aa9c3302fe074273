import { z } from 'zod';
import { type Call, type ChosenValue, ConnectorError, type IssuerConnector } from '#connectors/contract.ts';

const config = z.object({});

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const place = z
  .object({
    name: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({ title: 'Name', description: 'What the value is for. Rekey does not use it.', note: true }),
    format: z.enum(['base64url', 'base64', 'hex', 'whsec']).default('base64url').meta({
      title: 'Format',
      description: 'whsec: whsec_ and base64, as Standard Webhooks has its signing secrets.',
    }),
    bytes: z
      .int()
      .min(16)
      .max(128)
      .default(32)
      .meta({ title: 'Bytes', description: 'How many bytes the value stands for. 32 are usual.' }),
  })
  .refine(({ format, bytes }) => format !== 'whsec' || (bytes >= 24 && bytes <= 64), {
    path: ['bytes'],
    message: 'a whsec_ secret has 24 to 64 bytes',
  });

type Place = z.output<typeof place>;
type RandomCall = Call<z.output<typeof config>, Place>;

/**
 * A value that Rekey itself makes and that only its consumers know: a session key, a signing secret of webhooks. The
 * form of `whsec` is https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md,
 * that of the others is RFC 4648. Nobody is there who could accept or refuse it: `verify` looks at the form alone, and
 * an old value is called retired and never proven dead (`failedSignIns` is `none`).
 */
export const random: IssuerConnector<typeof config, typeof place> = {
  kind: 'random',
  title: 'Random value (made by Rekey)',
  aliases: ['generated', 'password', 'signing key', 'shared secret', 'HMAC', 'encryption key'],
  docs: 'https://www.rfc-editor.org/rfc/rfc4648',
  needs: 'Nothing: no other system is asked.',
  proven: { against: 'real server', what: "Rekey's own engine", on: '2026-11-25' },
  config,
  place,
  secretField: 'secret',
  standsAlone: true,
  can: () => ({
    maxLive: 1,
    overlap: 'none',
    chosenValue: true,
    readBack: false,
    list: false,
    tags: false,
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: false,
    propagationSeconds: 0,
    failedSignIns: 'none',
  }),
  check: async () => undefined,
  issue: async (_call, { rotationId, chosen }) => {
    if (chosen === undefined)
      throw new ConnectorError('No value was chosen, so there is none to take.', 'never');
    return { externalId: `value#${rotationId}`, fields: { secret: chosen } };
  },
  verify,
  chosen: (_config, chosenPlace) => formOf(chosenPlace),
};

async function verify(call: RandomCall, { secret }: { secret?: { expose(): string } }) {
  if (secret === undefined) throw new ConnectorError('This version has no field `secret`.', 'never');
  return isOfForm(secret.expose(), formOf(call.place)) ? 'accepted' : 'rejected';
}

/**
 * Letters that stand for so many bytes. Where they do not come out even, the last letter and the padding are always
 * the same, so that every decoder takes the value (RFC 4648, 3.5).
 */
function formOf({ format, bytes }: Place): ChosenValue {
  if (format === 'hex') return { alphabet: '0123456789abcdef', length: bytes * 2 };
  const rest = bytes % 3;
  const padding = format === 'base64url' || rest === 0 ? '' : '='.repeat(3 - rest);
  return {
    alphabet: format === 'base64url' ? BASE64.replace('+/', '-_') : BASE64,
    length: Math.floor(bytes / 3) * 4 + rest,
    prefix: format === 'whsec' ? 'whsec_' : '',
    suffix: `${rest === 0 ? '' : 'A'}${padding}`,
  };
}

/** Any value of this many bytes, also one that was made elsewhere and ends in another letter. */
function isOfForm(value: string, { alphabet, length, prefix = '', suffix = '' }: ChosenValue): boolean {
  const padding = suffix.replace('A', '');
  if (!value.startsWith(prefix) || !value.endsWith(padding)) return false;
  const letters = value.slice(prefix.length, value.length - padding.length);
  return (
    letters.length === length + suffix.length - padding.length &&
    [...letters].every((letter) => alphabet.includes(letter))
  );
}
