import { z } from 'zod';
import {
  type Call,
  ConnectorError,
  type Entries,
  type Slot,
  secretText,
  type TargetCan,
  type TargetConnector,
} from '#connectors/contract.ts';
import { accept, exchange, send } from '#connectors/exchange.ts';
import { fill, type Values } from '#connectors/http-fill.ts';
import { asking, changing, requestText, requireEntered, sends } from '#connectors/http-template.ts';
import { answersText, asToken, isAmong, pointed } from '#connectors/json-pointer.ts';
import { keysIn } from '#connectors/next-keys.ts';
import { tlsFields } from '#connectors/tls.ts';
import { Plaintext } from '#lib/plaintext.ts';

const everywhere = ['place.name', 'place.detail', 'secret.token'];

const purposes = {
  write: { methods: changing, known: [...everywhere, 'key', 'value', 'entries', 'versionId'] },
  read: { methods: asking, known: [...everywhere, 'key'] },
  remove: { methods: changing, known: [...everywhere, 'key', 'keys'] },
  check: { methods: asking, known: everywhere },
} as const;

const config = z
  .object({
    baseUrl: z.url({ protocol: /^https?$/ }).meta({
      title: 'Address',
      description: 'Where the system runs. The paths of all requests are added to it.',
    }),
    token: secretText().optional().meta({
      title: 'Token',
      description: 'Sent where a request has {{secret.token}}, as in Authorization: Bearer {{secret.token}}.',
    }),
    write: requestText(
      'Request that writes',
      'With {{key}} and {{value}} it is sent for each entry. With {{entries}} it is sent once, and must leave all other keys as they are.',
      purposes.write,
    ),
    read: requestText('Request that reads', 'Empty where values cannot be read.', purposes.read).optional(),
    readValue: z
      .string()
      .max(500)
      .regex(/^(\/([^~/]|~[01])*)*$/, 'must be a JSON pointer such as /value or /data/{{key}}')
      .refine(
        (text) => !text.replaceAll('{{key}}', '').includes('{{'),
        'takes {{key}} as it is, and no other placeholder',
      )
      .optional()
      .meta({
        title: 'Where a value stands',
        description: 'JSON pointer into the answer. {{key}} in it is the key.',
      }),
    absent: answersText('Answers that mean there is no such key', 'To the request that reads.').default(
      '404',
    ),
    remove: requestText(
      'Request that removes',
      'Takes keys away: each {{key}}, or all {{keys}} at once. Needed for a NEXT value, KEY_NEXT beside KEY.',
      purposes.remove,
    ).optional(),
    gone: answersText('Answers that mean already gone', 'To the request that removes.').default('404'),
    check: requestText(
      'Request that checks',
      'Changes nothing and needs the permission to write.',
      purposes.check,
    ),
    typicalSeconds: z
      .int()
      .min(0)
      .max(3_600)
      .default(5)
      .meta({ title: 'Seconds until consumers have a new value' }),
    ...tlsFields,
  })
  .superRefine(({ write, read, readValue, remove }, context) => {
    const single = sends(write, 'key') && sends(write, 'value') && !sends(write, 'entries');
    const all = sends(write, 'entries') && !sends(write, 'key') && !sends(write, 'value');
    const faults: [boolean, string, string][] = [
      [!single && !all, 'write', 'must send either {{key}} and {{value}}, or {{entries}}'],
      [read !== undefined && readValue === undefined, 'readValue', 'say where a value stands in the answer'],
      [
        read !== undefined && readValue !== undefined && !sends(read, 'key') && !sends(readValue, 'key'),
        'readValue',
        'must have {{key}} in it where the request that reads has none',
      ],
      [
        remove !== undefined && sends(remove, 'key') === sends(remove, 'keys'),
        'remove',
        'must send either {{key}} or {{keys}}',
      ],
    ];
    for (const [wrong, field, message] of faults)
      if (wrong) context.addIssue({ code: 'custom', path: [field], message });
  });

const place = z.object({
  name: z
    .string()
    .min(1)
    .max(256)
    .meta({ title: 'Name', description: 'Where in the system: {{place.name}}.' }),
  detail: z.string().min(1).max(256).optional().meta({
    title: 'Second name',
    description: 'Where one is not enough, such as an environment: {{place.detail}}.',
  }),
});

type HttpTargetCall = Call<z.output<typeof config>, z.output<typeof place>>;

const SUCCESS = [200, 201, 202, 203, 204];

/**
 * Any system that takes values over HTTP: its requests are written in the settings, and what it can do follows from
 * which of them there are. Values are read by JSON pointers (https://www.rfc-editor.org/rfc/rfc6901) where there is a
 * request that reads. The slot `next` of `KEY` is the key `KEY_NEXT`, where there is a request that removes it again.
 */
export const httpTarget: TargetConnector<typeof config, typeof place> = {
  kind: 'http',
  title: 'HTTP API (requests of your own)',
  aliases: ['REST', 'JSON', 'custom', 'generic'],
  docs: 'https://www.rfc-editor.org/rfc/rfc9110',
  needs: 'The token may send every request that is filled in.',
  proven: {
    against: 'documented fake',
    what: 'a key store over HTTP, written for the tests',
    on: '2026-11-25',
  },
  config,
  place,
  can,
  check,
  deliver,
  confirm,
  remove,
};

function can({ write, read, remove: request, typicalSeconds }: HttpTargetCall['config']): TargetCan {
  requireEntered(write);
  return {
    readBack: read === undefined ? 'none' : 'value',
    redeploy: 'none',
    compareAndSet: false,
    holdsNext: request !== undefined,
    typicalSeconds,
  };
}

function requestFor(call: HttpTargetCall, what: keyof typeof purposes, text: string, more: Values = {}) {
  const { name, detail } = call.place;
  const values = { 'place.name': name, 'place.detail': detail, 'secret.token': call.config.token, ...more };
  return fill(text, purposes[what], call.config.baseUrl, values);
}

async function check(call: HttpTargetCall): Promise<void> {
  const request = requestFor(call, 'check', call.config.check);
  await exchange(call, request, { ok: SUCCESS, what: `Checking ${call.place.name}`, repeatable: true });
}

async function deliver(call: HttpTargetCall, entries: Entries, slot: Slot): Promise<void> {
  const { write } = call.config;
  if (slot === 'next') requireRemove(call);
  const keyOf = keysIn(slot, Object.keys(entries));
  const named = Object.entries(entries).map(([key, value]) => [keyOf(key), value] as const);
  const versionId = call.versionId ?? undefined;
  const what = `Writing to ${call.place.name}`;
  const rounds: Values[] = sends(write, 'entries')
    ? [{ entries: Object.fromEntries(named), versionId }]
    : named.map(([key, value]) => ({ key, value, versionId }));
  for (const values of rounds)
    await exchange(call, requestFor(call, 'write', write, values), { ok: SUCCESS, what, repeatable: true });
}

async function confirm(
  call: HttpTargetCall,
  entries: Entries,
  slot: Slot,
): Promise<'live' | 'pending' | 'unknown'> {
  const { read, readValue } = call.config;
  if (read === undefined || readValue === undefined) return 'unknown';
  const keyOf = keysIn(slot, Object.keys(entries));
  const answers = sends(read, 'key') ? null : await readAnswer(call, read);
  for (const [name, value] of Object.entries(entries)) {
    const key = keyOf(name);
    const body = answers === null ? await readAnswer(call, read, key) : answers;
    const there = pointed(
      body.value,
      readValue.replaceAll('{{key}}', () => asToken(key)),
    );
    if (typeof there !== 'string' || !value.equals(new Plaintext(there))) return 'pending';
  }
  return 'live';
}

/** The answer as JSON; undefined where there is no such key. */
async function readAnswer(call: HttpTargetCall, read: string, key?: string): Promise<{ value: unknown }> {
  const request = requestFor(call, 'read', read, { key });
  const expectation = { ok: SUCCESS, what: `Reading ${call.place.name}`, repeatable: true };
  const response = await send(call, request, expectation);
  if (isAmong(response, call.config.absent)) return { value: undefined };
  return { value: accept(request, response, { ...expectation, schema: z.unknown() }) };
}

async function remove(call: HttpTargetCall, keys: readonly string[], slot: 'next'): Promise<void> {
  const request = requireRemove(call);
  const gone = keys.map(keysIn(slot, keys));
  const what = `Removing the next value from ${call.place.name}`;
  const rounds: Values[] = sends(request, 'keys') ? [{ keys: gone }] : gone.map((key) => ({ key }));
  for (const values of rounds) {
    const sent = requestFor(call, 'remove', request, values);
    const expectation = { ok: SUCCESS, what, repeatable: true };
    const response = await send(call, sent, expectation);
    if (!isAmong(response, call.config.gone)) accept(sent, response, expectation);
  }
}

function requireRemove({ config: { remove: request } }: HttpTargetCall): string {
  if (request !== undefined) return request;
  const sentence =
    'No request is filled in that removes a key, so no next value is put beside the one in use. Nothing was sent.';
  throw new ConnectorError(sentence, 'never');
}
