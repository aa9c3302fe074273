import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { anything, askAws, isRefusal } from '#connectors/aws.ts';
import { awsFields } from '#connectors/aws-sign-in.ts';
import {
  type Call,
  ConnectorError,
  type Entries,
  type Slot,
  type TargetConnector,
} from '#connectors/contract.ts';
import { keysIn } from '#connectors/next-keys.ts';
import { holdsText, readObject, writeObject } from '#connectors/targets/secret-object.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object(awsFields);

const place = z.object({
  secretId: z
    .string()
    .regex(/^[\w/+=.@:!-]{1,2048}$/, 'must be the name or the ARN of a secret')
    .meta({ title: 'Secret', description: 'Its name or ARN. It must be there; Rekey makes none.' }),
  shape: z.enum(['json', 'plain']).default('json').meta({
    title: 'What it holds',
    description:
      'json: an object of keys, of which only the bound ones are changed. plain: one value and nothing else.',
    setting: true,
  }),
});

type Place = z.output<typeof place>;
type SecretCall = Call<z.output<typeof config>, Place>;

/** A version as it is stored; `text` is undefined for a secret that has no value yet. */
interface Held {
  readonly versionId: string | null;
  readonly text: Plaintext | undefined;
  /** When the version was made, in seconds; undefined where AWS does not say. */
  readonly createdAt: number | undefined;
}

const held = z.object({
  VersionId: z.string().min(1),
  // Left out for a secret that holds bytes.
  SecretString: z
    .string()
    .transform((text) => new Plaintext(text))
    .optional(),
  CreatedDate: z.number().optional(),
});

/** How often, and how far apart, labels are read that are still where they were before a put. */
const READS = 4;
const WAIT_MS = 250;

/**
 * A secret in AWS Secrets Manager. Only the given keys of its JSON object change, and the slot `next` of `KEY` is
 * `KEY_NEXT` in the same object. What `can` says: `readBack`: GetSecretValue answers with the value
 * (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html); `compareAndSet`: false, since
 * PutSecretValue takes no condition (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html);
 * `redeploy`: none, consumers read it when they want to, and AWS's own caches keep a value for up to an hour
 * (https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_cache-java.html).
 *
 * A version is only put where something differs, because versions are kept and limited. Its ClientRequestToken follows from
 * the version it is made from, so that sending the same twice makes one. As there is no compare-and-set, the version
 * before is looked at afterwards: where it is not the one that was read, somebody wrote in between, and our keys are put
 * into what they wrote. Readers may see the secret without the other writer's change for that moment. Labels are set some
 * time after a put (https://github.com/aws/aws-sdk-js-v3/issues/7701), so a version that is older than the one that was
 * read is not taken for somebody's; the labels are read again, and what is older is never put back.
 */
export const awsSecretsManager: TargetConnector<typeof config, typeof place> = {
  kind: 'aws-secrets-manager',
  title: 'AWS Secrets Manager',
  aliases: ['Amazon Web Services', 'ASM'],
  docs: 'https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html',
  needs:
    'secretsmanager:GetSecretValue, secretsmanager:PutSecretValue and secretsmanager:DescribeSecret on the secret; kms:Decrypt and kms:GenerateDataKey where it has a key of your own; sts:AssumeRole where a role is entered.',
  proven: { against: 'real server', what: 'moto 5.2.5, an emulator of AWS', on: '2026-11-28' },
  config,
  place,
  can: (_config, { shape }) => ({
    readBack: 'value',
    redeploy: 'none',
    compareAndSet: false,
    holdsNext: shape === 'json',
    typicalSeconds: 2,
  }),
  check,
  deliver,
  confirm,
  remove,
};

/**
 * Reads the secret, then puts another value as the version that is there. AWS refuses that by ResourceExistsException,
 * because a version never changes, so nothing can come of it; without the permission it refuses with that instead.
 */
async function check(call: SecretCall): Promise<void> {
  const { versionId, text } = await read(call);
  if (call.place.shape === 'json') readObject(text, call.place.secretId);
  if (versionId === null) return;
  try {
    const probe = new Plaintext(`rekey checks whether it may write (${randomUUID()})`);
    await put(call, probe, versionId, `Trying whether ${call.place.secretId} may be written`);
  } catch (error) {
    if (!isRefusal(error, 'ResourceExistsException')) throw error;
  }
}

async function deliver(call: SecretCall, entries: Entries, slot: Slot): Promise<void> {
  const change = changeOf(call.place, entries, slot);
  await write(call, change, [call.versionId, slot, ...Object.keys(entries).sort()]);
}

async function confirm(call: SecretCall, entries: Entries, slot: Slot): Promise<'live' | 'pending'> {
  const change = changeOf(call.place, entries, slot);
  const { text } = await read(call);
  return change(text) === undefined ? 'live' : 'pending';
}

async function remove(call: SecretCall, keys: readonly string[], slot: 'next'): Promise<void> {
  if (call.place.shape === 'plain') return;
  const gone = keys.map(keysIn(slot, keys));
  const change: Change = (text) => {
    const object = readObject(text, call.place.secretId);
    const found = gone.filter((key) => object.delete(key));
    return found.length === 0 ? undefined : writeObject(object);
  };
  await write(call, change, ['removed', ...gone.sort()]);
}

/** The text a secret shall have, from the one it has; undefined where that is as it shall be. */
type Change = (text: Plaintext | undefined) => Plaintext | undefined;

function changeOf({ shape, secretId }: Place, entries: Entries, slot: Slot): Change {
  if (shape === 'json') {
    const keyOf = keysIn(slot, Object.keys(entries));
    return (text) => {
      const object = readObject(text, secretId);
      const others = Object.entries(entries).filter(([key, value]) => !holdsText(object, keyOf(key), value));
      for (const [key, value] of others) object.set(keyOf(key), value);
      return others.length === 0 ? undefined : writeObject(object);
    };
  }
  const [only, ...more] = Object.values(entries);
  if (slot === 'primary' && only !== undefined && more.length === 0)
    return (text) => (text?.equals(only) ? undefined : only);
  const reason = slot === 'next' ? 'no next value beside it' : 'nothing else';
  const sentence = `The secret ${secretId} is one plain value and holds ${reason}. Nothing was written; bind one field, or make it a JSON object.`;
  throw new ConnectorError(sentence, 'never');
}

/** Puts a change, and once more where another writer came in between. Throws `later` where that does not settle it. */
async function write(call: SecretCall, change: Change, purpose: readonly (string | null)[]): Promise<void> {
  let base = await read(call);
  let wanted = change(base.text);
  for (const attempt of [1, 2]) {
    if (wanted === undefined) return;
    // The second attempt has a token of its own: AWS leaves a version that is there already where it lies.
    const token = attempt === 1 ? tokenOf(purpose, base.versionId, call.place.secretId) : randomUUID();
    await putNew(call, wanted, token);
    const [now, before] = await readAfter(call, token, base);
    const isUnseen = now.versionId === token && before !== null && before.versionId !== base.versionId;
    // Where we have replaced somebody's version without having read it, our change goes into theirs.
    wanted = isUnseen ? (change(before.text) ?? before.text) : change(now.text);
    base = now;
  }
  if (wanted === undefined) return;
  const sentence = `Somebody else writes the secret ${call.place.secretId} at the same time, so that it may lack a value of theirs or of ours. It will be tried again.`;
  throw new ConnectorError(sentence, 'later');
}

/** The version there is after a put, and the one before it, once their labels are not behind what was read for the put. */
async function readAfter(call: SecretCall, token: string, base: Held): Promise<[Held, Held | null]> {
  for (let time = 1; ; time += 1) {
    const [now, before] = await Promise.all([read(call), readPrevious(call)]);
    const wasNotTaken = now.versionId === base.versionId;
    if (!wasNotTaken && !isBehind(now, before, token, base)) return [now, before];
    // A token that stands for a version already leaves that one where it lies.
    if (wasNotTaken && time === READS) return [now, before];
    if (time === READS) break;
    await sleep(WAIT_MS);
  }
  const sentence = `The secret ${call.place.secretId} was written, but AWS still names an older version as the one before them, so it is not known whether somebody else wrote at the same time. It will be looked at again; compare its last two versions.`;
  throw new ConnectorError(sentence, 'later');
}

function isBehind(now: Held, before: Held | null, token: string, base: Held): boolean {
  if (now.versionId !== token) return isOlder(now, base);
  if (base.versionId === null) return false;
  return before === null || before.versionId === token || isOlder(before, base);
}

function isOlder(one: Held, than: Held): boolean {
  return one.createdAt !== undefined && than.createdAt !== undefined && one.createdAt < than.createdAt;
}

/** Where the token is taken for another value, nothing is written: the next look at the secret tells so. */
async function putNew(call: SecretCall, text: Plaintext, token: string): Promise<void> {
  try {
    await put(call, text, token, `Writing the secret ${call.place.secretId}`);
  } catch (error) {
    if (!isRefusal(error, 'ResourceExistsException')) throw error;
  }
}

async function read(call: SecretCall): Promise<Held> {
  const { secretId } = call.place;
  try {
    return await ask(call, 'AWSCURRENT');
  } catch (error) {
    if (!isRefusal(error, 'ResourceNotFoundException')) throw error;
    // The same code stands for a secret that is not there and for one without a value.
    await mustExist(call, secretId);
    return { versionId: null, text: undefined, createdAt: undefined };
  }
}

async function mustExist(call: SecretCall, secretId: string): Promise<void> {
  const question = { service: 'secretsmanager', action: 'DescribeSecret', schema: anything } as const;
  try {
    await askAws(call, {
      ...question,
      body: { SecretId: secretId },
      what: `Looking for the secret ${secretId}`,
    });
  } catch (error) {
    if (!isRefusal(error, 'ResourceNotFoundException')) throw error;
    const sentence = `There is no secret ${secretId} in ${call.config.region}. Nothing was written; make it first, since its key and policy are yours to choose.`;
    throw new ConnectorError(sentence, 'never', { cause: error });
  }
}

async function readPrevious(call: SecretCall): Promise<Held | null> {
  try {
    return await ask(call, 'AWSPREVIOUS');
  } catch (error) {
    if (isRefusal(error, 'ResourceNotFoundException')) return null;
    throw error;
  }
}

async function ask(call: SecretCall, stage: 'AWSCURRENT' | 'AWSPREVIOUS'): Promise<Held> {
  const { secretId } = call.place;
  const body = { SecretId: secretId, VersionStage: stage };
  const what = `Reading the secret ${secretId}`;
  const answer = await askAws(call, {
    service: 'secretsmanager',
    action: 'GetSecretValue',
    body,
    schema: held,
    what,
  });
  if (answer.SecretString === undefined) {
    const sentence = `The secret ${secretId} holds bytes instead of text. Nothing was written; bind to a secret that holds text.`;
    throw new ConnectorError(sentence, 'never');
  }
  return { versionId: answer.VersionId, text: answer.SecretString, createdAt: answer.CreatedDate };
}

async function put(call: SecretCall, text: Plaintext, token: string, what: string): Promise<void> {
  const body = { SecretId: call.place.secretId, SecretString: text.expose(), ClientRequestToken: token };
  await askAws(call, { service: 'secretsmanager', action: 'PutSecretValue', body, schema: anything, what });
}

/** The same for the same change to the same version: 32 to 64 characters, and the VersionId of what is made. */
function tokenOf(purpose: readonly (string | null)[], base: string | null, secretId: string): string {
  const parts = JSON.stringify(['rekey', secretId, base, ...purpose]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 32);
}
