import { promisesNoGap } from '#core/rotation/strategies.ts';
import { fingerprint } from '#core/vault/fingerprint.ts';
import { Plaintext } from '#lib/plaintext.ts';
import type { Case, Row } from '#tests/faults/support/case.ts';
import type { Harness } from '#tests/faults/support/harness.ts';
import { TARGETS } from '#tests/faults/support/outside.ts';

interface Version {
  id: string;
  n: number;
  state: string;
  external_id: string | null;
  fingerprint: string;
}

interface Ledger {
  row: Row & { from_version: string; to_version: string | null };
  versions: Version[];
  events: Record<string, unknown>[];
  openTwice: number;
}

export type Expected = 'completed' | 'rolled_back';

const printOf = (secret: string | undefined) =>
  secret === undefined ? 'nothing' : fingerprint(new Plaintext(secret));

async function read({ sql, one }: Harness, { rotationId }: Case): Promise<Ledger> {
  const ask = async <R extends object>(text: string, values: string[] = [rotationId]) =>
    (await sql.query<R>(text, values)).rows;
  const [row] = await ask<Ledger['row']>('select * from rotations where id = $1');
  if (row === undefined) {
    throw new Error(`There is no rotation ${rotationId}: ${one.name}`);
  }
  const events = await ask<{ body: string }>(
    'select body from audit_events where rotation_id = $1 order by id',
  );
  const twice = await ask<object>(
    'select credential_id from rotations where outcome is null group by 1 having count(*) > 1',
    [],
  );
  return {
    row,
    versions: await ask<Version>(
      'select * from secret_versions where credential_id = (select credential_id from rotations where id = $1) order by n',
    ),
    events: events.map(({ body }) => JSON.parse(body) as Record<string, unknown>),
    openTwice: twice.length,
  };
}

/** What a worker last wrote, for the person who looks for the reason. */
function lastWords(output: string): string {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  return line === '' ? '' : ` A worker wrote: ${line.slice(0, 500)}`;
}

/** The rotation ended as it should. */
function* ended({ pool }: Harness, { row }: Ledger, expected: Expected): Iterable<string> {
  if (row.hold !== null && row.outcome === null) {
    yield `The rotation is held at ${row.phase} (${row.hold}: ${row.hold_detail}) and did not end by itself.`;
  } else if (row.outcome !== expected) {
    yield `The rotation should be ${expected} and stands at ${row.direction}/${row.phase}, outcome ${row.outcome}.${lastWords(pool.output)}`;
  }
}

/** One version is current, it is the right one, and nothing is left pending. */
function* oneCurrent({ row, versions }: Ledger, expected: Expected): Iterable<string> {
  const current = versions.filter(({ state }) => state === 'current');
  const wanted = expected === 'completed' ? row.to_version : row.from_version;
  if (current.length !== 1 || current[0]?.id !== wanted) {
    yield `The current version should be ${wanted}, and the versions are ${versions.map(({ n, state }) => `v${n} ${state}`).join(', ')}.`;
  }
  const unsettled = versions.filter(({ state }) => state === 'pending' || state === 'previous');
  if (unsettled.length > 0) {
    yield `${unsettled.map(({ n, state }) => `v${n} is still ${state}`).join(', ')}.`;
  }
}

/** The version called current signs in, and nothing else does: no orphan, and the other one is gone. */
function* onlyCurrentIsLive({ outside }: Harness, { versions }: Ledger): Iterable<string> {
  const current = versions.find(({ state }) => state === 'current');
  const live = outside.live().map(({ value }) => printOf(value));
  if (current === undefined || !live.includes(current.fingerprint)) {
    yield 'The version called current gets no token.';
  }
  const strays = live.filter((print) => print !== current?.fingerprint);
  for (const print of strays) {
    const known = versions.find((version) => version.fingerprint === print);
    yield known === undefined
      ? 'A secret that no version knows is live at the issuer.'
      : `v${known.n}, which is ${known.state}, is still live at the issuer.`;
  }
}

/** Every required target holds the current version, and nothing lies beside it. */
function* targetsHoldIt({ outside }: Harness, { versions }: Ledger): Iterable<string> {
  const current = versions.find(({ state }) => state === 'current');
  for (const target of TARGETS) {
    if (printOf(outside.secretAt(target, 'primary')) !== current?.fingerprint) {
      yield `Target ${target} does not hold the current version.`;
    }
    if (outside.secretAt(target, 'next') !== undefined) {
      yield `Target ${target} still holds a value as NEXT.`;
    }
  }
}

/** What may be told more than once of a rotation: tries, and holds. */
const REPEATS = /^(step\.|rotation\.(held|resumed)$|issuer\.)/;

/** Each transition is told exactly once. */
function* auditedOnce({ row, events, versions }: Ledger, expected: Expected): Iterable<string> {
  const told = events
    .filter(({ action }) => !REPEATS.test(String(action)))
    .map(({ at: _at, ...event }) => JSON.stringify(event));
  for (const event of new Set(told)) {
    const times = told.filter((one) => one === event).length;
    if (times > 1) {
      yield `The audit tells ${times} times: ${event}`;
    }
  }
  const count = (action: string) => events.filter((event) => event.action === action).length;
  const once = ['rotation.requested', 'rotation.started', `rotation.${expected}`];
  for (const action of expected === 'completed' ? [...once, 'rotation.promoted'] : once) {
    if (count(action) !== 1) {
      yield `The audit tells ${action} ${count(action)} times.`;
    }
  }
  const fresh = versions.filter(({ id }) => id !== row.from_version);
  const issued = new Set(
    events.filter(({ action }) => action === 'secret.issued').map(({ fingerprint: print }) => print),
  );
  for (const { n, fingerprint: print, state } of fresh) {
    if (!issued.has(print.slice(0, 12)) && state !== 'discarded') {
      yield `The audit does not tell that v${n} was issued.`;
    }
  }
}

/** Everything that must hold when a case is over; each broken promise is a sentence. */
export async function brokenPromises(harness: Harness, played: Case, expected: Expected): Promise<string[]> {
  const ledger = await read(harness, played);
  const broken = [
    ...ended(harness, ledger, expected),
    ...oneCurrent(ledger, expected),
    ...onlyCurrentIsLive(harness, ledger),
    ...targetsHoldIt(harness, ledger),
    ...auditedOnce(ledger, expected),
  ];
  if (promisesNoGap[harness.cell.strategy]) {
    broken.push(...new Set(played.gaps));
  }
  if (played.lateCommit) {
    broken.push('A worker that was frozen past its lease stored something after it had been replaced.');
  }
  if (ledger.openTwice > 0) {
    broken.push('A credential has more than one open rotation.');
  }
  return broken;
}

/** Where any secret that was ever issued lies open: tables, and what workers wrote. */
export async function openSecrets({ sql, outside, pool }: Harness): Promise<string[]> {
  const { rows: tables } = await sql.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema')
        and has_table_privilege(format('%I.%I', schemaname, tablename), 'select')`,
  );
  const places = [{ name: 'the output of the workers', text: pool.output }];
  for (const { name } of tables) {
    const { rows } = await sql.query<{ text: string }>(`select t::text as text from ${name} t`);
    places.push({ name, text: rows.map(({ text }) => text).join('\n') });
  }
  const shapes = [...outside.issued].flatMap((secret) => [
    secret,
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('hex'),
  ]);
  return places.filter(({ text }) => shapes.some((shape) => text.includes(shape))).map(({ name }) => name);
}
