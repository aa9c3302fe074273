import type pg from 'pg';
import { z } from 'zod';
import type { Call, Entries, Slot, TargetConnector } from '#connectors/contract.ts';
import { ConnectorError } from '#connectors/contract.ts';
import { keysIn } from '#connectors/next-keys.ts';
import { db } from '#lib/db.ts';

const config = z.object({});

const place = z.object({
  application: z.string().trim().min(1).max(100).meta({
    title: 'Application',
    description: 'Which application fetches here. Bindings of one application have different keys.',
  }),
});

type PullCall = Call<z.output<typeof config>, z.output<typeof place>>;

/** The consumers of the binding `s.binding_id` that can still sign in. */
const CONSUMERS = `binding_consumers c
  join api_clients a on a.id = c.client_id and a.revoked_at is null
 where c.binding_id = s.binding_id`;

/**
 * Consumers fetch the secret from this Rekey (docs/pull.md). A delivery marks which version is served to a binding; the value
 * stays where it is sealed and is opened when it is fetched. The version is live once every consumer that is allowed has
 * fetched it since, so that none is left behind when the old one ends.
 */
export const pull: TargetConnector<typeof config, typeof place> = {
  kind: 'pull',
  title: 'Fetched by the consumer (pull)',
  aliases: ['HTTP', 'client library', 'sidecar', 'rekey exec'],
  docs: 'docs/pull.md',
  needs: 'Nothing: consumers fetch from its own API. Each is an API client that is allowed for the binding.',
  proven: { against: 'real server', what: "Rekey's own API", on: '2026-11-28' },
  config,
  place,
  can: () => ({
    readBack: 'fetched',
    redeploy: 'none',
    compareAndSet: false,
    holdsNext: true,
    typicalSeconds: 5,
  }),
  check,
  deliver,
  confirm,
  adopted,
  remove,
};

async function ask<Row extends pg.QueryResultRow>(
  what: string,
  sql: string,
  values: unknown[],
): Promise<Row[]> {
  try {
    return (await db().pool.query<Row>(sql, values)).rows;
  } catch (cause) {
    // Everything here is harmless to repeat.
    const sentence = `${what} failed: the database does not answer. It is tried again.`;
    throw new ConnectorError(sentence, 'later', { cause });
  }
}

/** The credential `k` is one that the client `a` sees. */
const WITHIN_LIMITS = `(cardinality(a.environments) = 0 or k.environment = any(a.environments))
  and (cardinality(a.labels) = 0 or k.labels && a.labels)`;

/**
 * A binding that serves something already needs somebody who fetches it, and everybody who is allowed to must be able to: a
 * rotation would wait in vain.
 */
async function check(call: PullCall): Promise<void> {
  const [row] = await ask<{ deserted: boolean; shutOut: string[] }>(
    'Looking for consumers',
    `select not exists (select from ${CONSUMERS}) as deserted,
            array(select a.name from ${CONSUMERS} and not (${WITHIN_LIMITS}) order by 1) as "shutOut"
       from served_versions s join bindings b on b.id = s.binding_id join credentials k on k.id = b.credential_id
      where s.binding_id = $1 and s.slot = 'primary'`,
    [call.placedId],
  );
  if (row?.deserted) {
    throw new ConnectorError(
      `No API client may fetch for ${call.place.application}. Allow one on the page of the credential.`,
      'never',
    );
  }
  if (row !== undefined && row.shutOut.length > 0) {
    throw new ConnectorError(
      `Limits leave the credential out for API clients that may fetch for ${call.place.application}: ${row.shutOut.join(', ')}. Change their limits, or take the right from them on the page of the credential.`,
      'never',
    );
  }
}

const namesOf = (entries: Entries) => Object.keys(entries).sort();

async function deliver(call: PullCall, entries: Entries, slot: Slot): Promise<void> {
  const keys = namesOf(entries);
  // Consumers read both slots as keys of one kind of client, so the same names are refused as elsewhere.
  keysIn(slot, keys);
  await ask(
    'Serving a version',
    `insert into served_versions as s (binding_id, slot, version_id, keys) values ($1, $2, $3, $4)
     on conflict (binding_id, slot) do update set
       version_id = excluded.version_id,
       keys = case when s.version_id = excluded.version_id
                   then array(select distinct unnest(s.keys || excluded.keys) order by 1) else excluded.keys end,
       serving = case when s.version_id = excluded.version_id and excluded.keys <@ s.keys
                      then s.serving else excluded.serving end,
       served_at = case when s.version_id = excluded.version_id and excluded.keys <@ s.keys
                        then s.served_at else excluded.served_at end`,
    [call.placedId, slot, call.versionId, keys],
  );
}

/** Whether a slot serves these keys of the version of this call, and whether all consumers have taken note of that. */
async function look(call: PullCall, entries: Entries, slot: Slot, note: 'serving' | 'reported_serving') {
  const [row] = await ask<{ serves: boolean; noted: boolean }>(
    'Looking at what is served',
    `select s.version_id = $3 and $4::text[] <@ s.keys as serves,
            exists (select from ${CONSUMERS}) and not exists (
              select from ${CONSUMERS} and not exists (
                select from secret_fetches f
                 where f.binding_id = s.binding_id and f.slot = s.slot and f.version_id = s.version_id
                   and f.client_id = c.client_id and f.${note} = s.serving)) as noted
       from served_versions s where s.binding_id = $1 and s.slot = $2`,
    [call.placedId, slot, call.versionId, namesOf(entries)],
  );
  return { serves: row?.serves ?? false, noted: row?.noted ?? false };
}

async function confirm(
  call: PullCall,
  entries: Entries,
  slot: Slot,
): Promise<'live' | 'pending' | 'unknown'> {
  const { serves, noted } = await look(call, entries, slot, 'serving');
  if (!serves) {
    return 'pending';
  }
  // It is there to be fetched, and whether a consumer uses it nobody knows before it has come for it.
  return noted ? 'live' : 'unknown';
}

async function adopted(call: PullCall, entries: Entries): Promise<boolean> {
  const { serves, noted } = await look(call, entries, 'primary', 'reported_serving');
  return serves && noted;
}

async function remove(call: PullCall, keys: readonly string[], slot: 'next'): Promise<void> {
  const values = [call.placedId, slot, keys];
  const what = 'Taking a version back';
  const held = 'where binding_id = $1 and slot = $2';
  await ask(what, `delete from served_versions ${held} and keys <@ $3::text[]`, values);
  const left = 'array(select key from unnest(keys) as key where key <> all ($3::text[]))';
  await ask(what, `update served_versions set keys = ${left} ${held} and keys && $3::text[]`, values);
}
