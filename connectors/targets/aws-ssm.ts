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
import { readKmsKeys } from '#connectors/targets/aws-ssm-kms-keys.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object(awsFields);

const place = z.object({
  path: z
    .string()
    .regex(/^(\/[\w.-]+){1,14}$/, 'must be a path such as /prod/app, without a slash at its end')
    .refine(
      (path) => !/^\/(aws|ssm)/i.test(path),
      'must not begin with aws or ssm, which AWS keeps for itself',
    )
    .meta({ title: 'Path', description: 'KEY is kept in the parameter /path/KEY. For example /prod/app.' }),
  kmsKey: z
    .string()
    .regex(/^[\w/:-]{1,256}$/, 'must be the ID, ARN or alias of a KMS key')
    .optional()
    .meta({
      title: 'KMS key',
      description:
        'ID, ARN or alias. Empty: a parameter keeps the key it has, a next value has that of its parameter, and others have the key that AWS keeps for the account.',
      setting: true,
    }),
});

type Place = z.output<typeof place>;
type SsmCall = Call<z.output<typeof config>, Place>;

const value = z.string().transform((text) => new Plaintext(text));
const found = z.object({
  Parameters: z.array(
    z.object({ Name: z.string().min(1), Type: z.string().min(1), Value: value, Version: z.number() }),
  ),
});
const onPath = z.object({ Parameters: z.array(z.object({ Name: z.string().min(1), Type: z.string() })) });

type Parameter = z.output<typeof found>['Parameters'][number];

/** GetParameters and DeleteParameters take ten names at most. */
const AT_ONCE = 10;

/**
 * Parameters of AWS Systems Manager, one SecureString for each key. The slot `next` of `KEY` is `KEY_NEXT` on the same
 * path. What `can` says: `readBack`: GetParameters answers with decrypted values
 * (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html); `compareAndSet`: false, since
 * PutParameter takes no condition but "is not there yet"
 * (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html); `redeploy`: none, consumers
 * read parameters when they want to.
 *
 * A parameter is only written where its value differs, because every overwriting makes a version. AWS keeps the newest
 * hundred and drops the oldest, unless a label hangs on that one: then it takes no more
 * (https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html).
 *
 * PutParameter without a KeyId takes the account's own key, also where the version before is under another one, so a
 * parameter's key is asked for (DescribeParameters) and sent again.
 *
 * PutParameter is limited to 3 a second by default
 * (https://docs.aws.amazon.com/general/latest/gr/ssm.html), so `limits` lets few deliveries write at once.
 */
export const awsSsm: TargetConnector<typeof config, typeof place> = {
  kind: 'aws-ssm',
  title: 'AWS SSM Parameter Store',
  aliases: ['Amazon Web Services', 'Systems Manager'],
  docs: 'https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html',
  needs:
    'ssm:GetParameters, ssm:GetParametersByPath, ssm:PutParameter and ssm:DeleteParameters on the path; ssm:DescribeParameters on all resources (*) where no KMS key is entered in the place; kms:Decrypt and kms:Encrypt where it has a key of your own; sts:AssumeRole where a role is entered.',
  proven: { against: 'real server', what: 'moto 5.2.5, an emulator of AWS', on: '2026-11-28' },
  config,
  place,
  limits: { concurrency: 2 },
  can: () => ({
    readBack: 'value',
    redeploy: 'none',
    compareAndSet: false,
    holdsNext: true,
    typicalSeconds: 2,
  }),
  check,
  deliver,
  confirm,
  remove,
};

/** No parameter has this name, so reading and deleting it proves that both are allowed and changes nothing. */
const NOTHING = 'rekey-checks-permissions-here';

/**
 * Proves that writing is allowed where the path has a parameter: making one that is there is refused as such. On an empty
 * path that cannot be tried without leaving something behind; there the first delivery tells.
 */
async function check(call: SsmCall): Promise<void> {
  const { path, kmsKey } = call.place;
  await readAll(call, [`${path}/${NOTHING}`]);
  if (kmsKey === undefined) await readKmsKeys(call, path, [`${path}/${NOTHING}`]);
  await deleteAll(call, [`${path}/${NOTHING}`], `Trying whether parameters of ${path} may be deleted`);
  const what = `Listing the parameters of ${path}`;
  const body = { Path: path, Recursive: false, MaxResults: 1, WithDecryption: false };
  const answer = await ask(call, 'GetParametersByPath', body, onPath, what);
  const [first] = answer.Parameters;
  if (first === undefined) return;
  try {
    // A pattern that the value does not match, in case the parameter goes away this very moment.
    const body = {
      Name: first.Name,
      Value: 'x',
      Type: first.Type,
      Overwrite: false,
      AllowedPattern: '^rekey$',
    };
    await ask(call, 'PutParameter', body, anything, `Trying whether parameters of ${path} may be written`);
  } catch (error) {
    if (!isRefusal(error, 'ParameterAlreadyExists', 'ParameterPatternMismatchException')) throw error;
  }
}

async function deliver(call: SsmCall, entries: Entries, slot: Slot): Promise<void> {
  const wanted = parametersOf(call.place, entries, slot);
  const there = await readAll(call, [...wanted.keys()]);
  const others = [...wanted].filter(([name, one]) => !isHeld(there.get(name), one.text));
  const kmsKeys = await kmsKeysOf(call, others, there);
  for (const [name, { text }] of others) await put(call, name, text, kmsKeys.get(name));
}

async function confirm(call: SsmCall, entries: Entries, slot: Slot): Promise<'live' | 'pending'> {
  const wanted = parametersOf(call.place, entries, slot);
  const there = await readAll(call, [...wanted.keys()]);
  const live = [...wanted].every(([name, { text }]) => isHeld(there.get(name), text));
  return live ? 'live' : 'pending';
}

async function remove(call: SsmCall, keys: readonly string[], slot: 'next'): Promise<void> {
  const keyOf = keysIn(slot, keys);
  const names = keys.map((key) => nameOf(call.place, keyOf(key)));
  await deleteAll(call, names, `Removing the next values of ${call.place.path}`);
}

/** A value that lies there as readable text is not where it shall be. */
function isHeld(parameter: Parameter | undefined, text: Plaintext): boolean {
  return parameter?.Type === 'SecureString' && parameter.Value.equals(text);
}

interface Wanted {
  readonly text: Plaintext;
  /** The parameter beside which it lies; in the slot `primary` itself. */
  readonly primary: string;
}

function parametersOf(there: Place, entries: Entries, slot: Slot): Map<string, Wanted> {
  const keyOf = keysIn(slot, Object.keys(entries));
  return new Map(
    Object.entries(entries).map(([key, text]) => [
      nameOf(there, keyOf(key)),
      { text, primary: nameOf(there, key) },
    ]),
  );
}

function nameOf({ path }: Place, key: string): string {
  if (/^[\w.-]+$/.test(key)) return `${path}/${key}`;
  const sentence = `${key} cannot be the name of a parameter: letters, digits and . - _ can be in it. Nothing was written; bind to another key.`;
  throw new ConnectorError(sentence, 'never');
}

async function readAll(call: SsmCall, names: readonly string[]): Promise<Map<string, Parameter>> {
  const all = new Map<string, Parameter>();
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const body = { Names: names.slice(at, at + AT_ONCE), WithDecryption: true };
    const what = `Reading parameters of ${call.place.path}`;
    const { Parameters } = await ask(call, 'GetParameters', body, found, what);
    for (const parameter of Parameters) all.set(parameter.Name, parameter);
  }
  return all;
}

async function deleteAll(call: SsmCall, names: readonly string[], what: string): Promise<void> {
  for (let at = 0; at < names.length; at += AT_ONCE) {
    // Names that are not there are told as `InvalidParameters` in an answer of success.
    await ask(call, 'DeleteParameters', { Names: names.slice(at, at + AT_ONCE) }, anything, what);
  }
}

/**
 * The KMS keys that parameters are to be written under; those that are missing here get the account's own. Nothing is
 * written where one is not known, because readers in other accounts would lose a parameter with its key.
 */
async function kmsKeysOf(
  call: SsmCall,
  others: readonly (readonly [name: string, wanted: Wanted])[],
  there: ReadonlyMap<string, Parameter>,
): Promise<Map<string, string>> {
  const { kmsKey, path } = call.place;
  if (kmsKey !== undefined) return new Map(others.map(([name]) => [name, kmsKey]));
  const models = others.map(([name, { primary }]) => ({ name, model: there.has(name) ? name : primary }));
  const unread = models.flatMap(({ name, model }) => (model === name ? [] : [model]));
  const known = new Map([...there, ...(await readAll(call, unread))]);
  const secure = models.filter(({ model }) => known.get(model)?.Type === 'SecureString');
  const named = secure.map(({ model }) => model);
  const keys = await readKmsKeys(call, path, named);
  return new Map(
    secure.map(({ name, model }) => {
      const key = keys.get(model);
      if (key !== undefined) return [name, key];
      const sentence = `AWS does not tell the KMS key of ${model} yet, and a version written without it would be under the account’s own. Nothing was written to ${path}; it is tried again later, and does not wait where the KMS key is entered in the place.`;
      throw new ConnectorError(sentence, 'later');
    }),
  );
}

/** Policies, tier, tags and description of a parameter that is there stay, since they are not sent. */
async function put(call: SsmCall, name: string, text: Plaintext, kmsKey: string | undefined): Promise<void> {
  const body = {
    Name: name,
    Value: text.expose(),
    Type: 'SecureString',
    Overwrite: true,
    ...(kmsKey !== undefined && { KeyId: kmsKey }),
  };
  try {
    await ask(call, 'PutParameter', body, anything, `Writing the parameter ${name}`);
  } catch (error) {
    const known = error instanceof ConnectorError ? explained(error, name) : undefined;
    throw known ?? error;
  }
}

/** What a person has to do about a parameter that takes no value. */
function explained(error: ConnectorError, name: string): ConnectorError | undefined {
  const of = (sentence: string, because?: 'conflict') =>
    new ConnectorError(`${sentence} Nothing was written to it.`, 'never', {
      ...(because && { because }),
      cause: error,
    });
  if (isRefusal(error, 'ParameterMaxVersionLimitExceeded'))
    return of(
      `The parameter ${name} has a hundred versions and a label on the oldest, so AWS takes no more. Move the label to a newer version.`,
      'conflict',
    );
  if (isRefusal(error, 'HierarchyTypeMismatchException', 'HierarchyTypeMismatch'))
    return of(
      `The parameter ${name} is there as readable text, and AWS does not change its type. Delete it, so that it is made as a SecureString.`,
      'conflict',
    );
  if (isRefusal(error, 'InvalidKeyId'))
    return of(
      `The KMS key for the parameter ${name} is not there or not enabled. Enter another one in the place.`,
    );
  if (isRefusal(error, 'ParameterPatternMismatchException'))
    return of(
      `The parameter ${name} allows only values of a pattern, and this one is not. Change its allowed pattern.`,
    );
  return undefined;
}

function ask<S extends z.ZodType>(
  call: SsmCall,
  action: string,
  body: Record<string, unknown>,
  schema: S,
  what: string,
): Promise<z.output<S>> {
  return askAws(call, { service: 'ssm', action, body, schema, what });
}
