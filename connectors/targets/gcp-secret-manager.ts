import { z } from 'zod';
import {
  type Call,
  ConnectorError,
  type Entries,
  type Slot,
  type TargetConnector,
} from '#connectors/contract.ts';
import { crc32c } from '#connectors/crc32c.ts';
import { accept, exchange, send } from '#connectors/exchange.ts';
import { googleFields, googleRequest, googleStatus, mustBePermitted } from '#connectors/google-sign-in.ts';
import { keysIn } from '#connectors/next-keys.ts';
import { holdsText, readObject, type SecretObject, writeObject } from '#connectors/targets/secret-object.ts';
import type { HttpResponse } from '#lib/http.ts';
import { Plaintext } from '#lib/plaintext.ts';

const config = z.object({
  ...googleFields,
  apiUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://secretmanager.googleapis.com')
    .meta({
      title: 'Address of Secret Manager',
      description: 'Google’s own, unless you go through a proxy.',
      rare: true,
    }),
});

const place = z.object({
  project: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.:-]{1,62}$/, 'Enter the ID or the number of a project.')
    .meta({ title: 'Project', description: 'Its ID or number.' }),
  secret: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,255}$/, 'Use letters, digits, dashes and underscores.')
    .meta({ title: 'Secret', description: 'Its name. It has to exist.' }),
  form: z.enum(['json', 'plain']).default('json').meta({
    title: 'What it holds',
    description: 'json: an object with our keys among others. plain: the value of one key, and nothing else.',
    setting: true,
  }),
});

type SecretCall = Call<z.output<typeof config>, z.output<typeof place>>;

/** A version. `text` is null where it is disabled or destroyed; 0 is the version of a secret that has none. */
interface Version {
  readonly text: string | null;
  readonly number: number;
}

interface Newest extends Version {
  /** `latest`, which consumers read, names it already. */
  readonly isLatest: boolean;
}

const named = z
  .string()
  .regex(/\/versions\/\d+$/)
  .transform((name) => Number(name.slice(name.lastIndexOf('/') + 1)));
const accessAnswer = z.object({
  name: named,
  payload: z.object({ data: z.base64().default(''), dataCrc32c: z.string().optional() }),
});
const addedAnswer = z.object({ name: named });

/**
 * A secret in Google Cloud Secret Manager, as one plain value or as a JSON object of keys.
 *
 * Every write adds a version: https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/addVersion.
 * Therefore the newest version is read first, and nothing is added where it holds the entries already. `versions/latest`
 * may name an older one for minutes or hours, while a version is there under its number at once
 * (https://docs.cloud.google.com/secret-manager/docs/reference/consistency), so the numbers after the one that `latest`
 * names are tried until one is missing. A version is live once `latest` names it, too. Payloads are sent and read with their CRC-32C (https://cloud.google.com/secret-manager/docs/data-integrity).
 * Older versions are neither disabled nor destroyed, because consumers may pin a version; what is no longer wanted is
 * removed by the `version_destroy_ttl` of the secret or by its owner.
 *
 * There is no check-and-set. Rotations write one by one, but bindings of one rotation at the same time; the number of the
 * version that was added shows whether another was added in between, and our keys are then put upon that one.
 */
export const gcpSecretManager: TargetConnector<typeof config, typeof place> = {
  kind: 'gcp-secret-manager',
  title: 'Google Cloud Secret Manager',
  aliases: ['GCP', 'GSM'],
  docs: 'https://cloud.google.com/secret-manager/docs/reference/rest',
  needs:
    'The roles Secret Manager Secret Version Adder and Secret Manager Secret Accessor on the secret (secretmanager.versions.add and secretmanager.versions.access).',
  proven: { against: 'documented fake', what: 'Secret Manager API v1', on: '2026-11-25' },
  config,
  place,
  // https://cloud.google.com/secret-manager/quotas: 600 writes a minute for a project.
  limits: { concurrency: 1, perMinute: 600 },
  can: (_config, { form }) => ({
    readBack: 'value',
    redeploy: 'none',
    compareAndSet: false,
    holdsNext: form === 'json',
    typicalSeconds: 60,
  }),
  check,
  deliver,
  confirm,
  remove,
};

async function check(call: SecretCall): Promise<void> {
  const permissions = ['secretmanager.versions.add', 'secretmanager.versions.access'];
  await mustBePermitted(call, call.config.apiUrl, resourceOf(call), permissions);
  const { text } = await readNewest(call);
  if (call.place.form === 'json') objectIn(call, text);
}

async function deliver(call: SecretCall, entries: Entries, slot: Slot): Promise<void> {
  if (call.place.form === 'plain') return deliverPlain(call, entries, slot);
  const keyOf = keysIn(slot, Object.keys(entries));
  await change(call, (there) => {
    const others = Object.entries(entries).filter(([key, value]) => !holdsText(there, keyOf(key), value));
    for (const [key, value] of others) there.set(keyOf(key), value);
    return others.length > 0;
  });
}

async function deliverPlain(call: SecretCall, entries: Entries, slot: Slot): Promise<void> {
  const value = onlyValue(call, entries, slot);
  const { text } = await readNewest(call);
  if (text !== null && value.equals(new Plaintext(text))) return;
  await add(call, value.expose());
}

async function confirm(call: SecretCall, entries: Entries, slot: Slot): Promise<'live' | 'pending'> {
  const { text, isLatest } = await readNewest(call);
  if (call.place.form === 'plain') {
    const value = onlyValue(call, entries, slot);
    return isLatest && text !== null && value.equals(new Plaintext(text)) ? 'live' : 'pending';
  }
  const keyOf = keysIn(slot, Object.keys(entries));
  const there = objectIn(call, text);
  const live = Object.entries(entries).every(([key, value]) => holdsText(there, keyOf(key), value));
  return live && isLatest ? 'live' : 'pending';
}

async function remove(call: SecretCall, keys: readonly string[], slot: 'next'): Promise<void> {
  if (call.place.form === 'plain') return;
  const gone = keys.map(keysIn(slot, keys));
  await change(call, (there) => gone.filter((key) => there.delete(key)).length > 0);
}

/**
 * Adds a version with some keys changed, and once more where somebody else added one in between. `changes` answers
 * whether it changed anything.
 */
async function change(call: SecretCall, changes: (there: SecretObject) => boolean): Promise<void> {
  let before: Version = await readNewest(call);
  for (let time = 0; time < 2; time += 1) {
    const there = objectIn(call, before.text);
    if (!changes(there) && time === 0) return;
    const number = await add(call, writeObject(there).expose());
    if (number === before.number + 1) return;
    const between = await readVersion(call, String(number - 1));
    if (between === undefined || between.text === null) break;
    before = { text: between.text, number };
  }
  const sentence = `Others keep writing to ${resourceOf(call)} at this moment, so the newest version may lack keys of the one before it. Compare the last versions there.`;
  throw new ConnectorError(sentence, 'never', { because: 'conflict' });
}

async function add(call: SecretCall, text: string): Promise<number> {
  const data = Buffer.from(text);
  const body = { payload: { data: data.toString('base64'), dataCrc32c: String(crc32c(data)) } };
  const path = `/v1/${resourceOf(call)}:addVersion`;
  const request = await googleRequest(call, 'POST', call.config.apiUrl, path, body);
  const what = `Adding a version to ${resourceOf(call)}`;
  // After a lost answer the newest version is looked for again, and nothing is added where it is ours.
  return (await exchange(call, request, { ok: [200], schema: addedAnswer, what, repeatable: true })).name;
}

async function readNewest(call: SecretCall): Promise<Newest> {
  const latest = (await readVersion(call, 'latest')) ?? { text: null, number: 0 };
  let newest = latest;
  for (;;) {
    const after = await readVersion(call, String(newest.number + 1));
    if (after === undefined) break;
    newest = { ...after, number: newest.number + 1 };
  }
  if (newest.text === null && newest.number > 0 && call.place.form === 'json') {
    const sentence = `The newest version of ${resourceOf(call)} is disabled or destroyed, so the keys beside ours cannot be kept. Nothing was written; enable it, or add a version with the keys that shall stay.`;
    throw new ConnectorError(sentence, 'never');
  }
  return { ...newest, isLatest: newest === latest };
}

/** Undefined where there is none of that number. */
async function readVersion(call: SecretCall, version: string): Promise<Version | undefined> {
  const path = `/v1/${resourceOf(call)}/versions/${version}:access`;
  const request = await googleRequest(call, 'GET', call.config.apiUrl, path);
  const what = `Reading the version ${version} of ${resourceOf(call)}`;
  const expectation = { ok: [200], schema: accessAnswer, what };
  const response = await send(call, request, expectation);
  // A secret without versions is answered with 404, and so is one that does not exist; `add` tells them apart.
  if (response.status === 404) return undefined;
  if (response.status === 400 && googleStatus(response) === 'FAILED_PRECONDITION')
    return { text: null, number: numberIn(response) };
  const { name, payload } = accept(request, response, expectation);
  const data = Buffer.from(payload.data, 'base64');
  if (payload.dataCrc32c !== undefined && payload.dataCrc32c !== String(crc32c(data))) {
    const sentence = `The version ${name} of ${resourceOf(call)} arrived damaged: its checksum does not match. It is read again later.`;
    throw new ConnectorError(sentence, 'later');
  }
  return { text: data.toString(), number: name };
}

/** `latest` is the version that was made last, also where it is disabled; only the sentence says which one that is. */
function numberIn({ text }: HttpResponse): number {
  return Number(/\/versions\/(\d{1,15})\b/.exec(text)?.[1] ?? 0);
}

function objectIn(call: SecretCall, text: string | null): SecretObject {
  return readObject(text === null ? undefined : new Plaintext(text), resourceOf(call));
}

function onlyValue(call: SecretCall, entries: Entries, slot: Slot): Plaintext {
  const [value, ...more] = Object.values(entries);
  if (slot === 'primary' && value !== undefined && more.length === 0) return value;
  const why = slot === 'next' ? 'a next value beside the one in use' : `${more.length + 1} keys`;
  const sentence = `${resourceOf(call)} holds one plain value and cannot hold ${why}. Nothing was written; set this place to json, or bind one key.`;
  throw new ConnectorError(sentence, 'never');
}

function resourceOf({ place: { project, secret } }: SecretCall): string {
  return `projects/${project}/secrets/${secret}`;
}
