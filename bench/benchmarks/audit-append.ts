import pg from 'pg';
import type { AuditHandlers } from '#bench/audit.ts';
import { find, interleave, median, type Result, type Settings } from '#bench/runner.ts';
import type { SealerHandlers } from '#bench/sealer.ts';
import type { World } from '#bench/world.ts';

/** A table as audit_events is, without its triggers; and a chain over all events, each waiting for the one before. */
const FLOORS = `
  create table plain_events (like audit_events including all);
  create table chained_events (like audit_events including all);
  create function append_chained(e jsonb) returns void language plpgsql as $$
  declare
    v_text text := (e || jsonb_build_object('at', now()))::text;
    v_before bytea;
  begin
    perform pg_advisory_xact_lock(1);
    select leaf into v_before from chained_events order by id desc limit 1;
    insert into chained_events
      (at, action, outcome, actor_kind, actor_id, actor_name, credential_id, rotation_id, request_id, body, leaf)
    values (now(), e->>'action', e->>'outcome', e#>>'{actor,kind}', e#>>'{actor,id}', e#>>'{actor,name}',
            (e->>'credentialId')::uuid, (e->>'rotationId')::uuid, e->>'requestId', v_text,
            sha256(coalesce(v_before, '') || convert_to(v_text, 'UTF8')));
  end $$;
  grant select, insert on plain_events, chained_events to rekey_app`;

/** Events per second with their leaf in the transaction and a sealer beside, against a plain row and against one chain. */
export async function auditAppend(world: World, settings: Settings): Promise<Result[]> {
  const owner = new pg.Client({ connectionString: world.subjectUrl });
  await owner.connect();
  await owner.query(FLOORS);
  const writer = await world.start<AuditHandlers>('audit');
  const sealer = await world.start<SealerHandlers>('sealer');
  const load = { seconds: settings.seconds * 0.7, concurrency: 16 };
  const lags: number[] = [];
  const append = (way: 'plain' | 'chained') => () => writer.ask('append', { ...load, way });
  const sealed = async () => {
    await sealer.ask('start', undefined);
    const perSecond = await writer.ask('append', { ...load, way: 'leaf' });
    lags.push(await sealer.ask('stop', undefined));
    return perSecond;
  };
  const pairs = await interleave(settings.pairs, append('plain'), sealed);
  const chains = await interleave(Math.min(settings.pairs, 5), append('chained'), sealed);
  await writer.stop();
  await sealer.stop();
  await owner.query('drop table plain_events, chained_events cascade; drop function append_chained');
  await owner.end();
  console.log(`\nThe rest was sealed ${median(lags).toFixed(0)} ms after the last event (median).`);
  const unit = '/s';
  return [
    find('events, against a plain row', pairs, (run) => run, { unit, bound: { atLeast: 0.8 } }),
    find('events, against one chain', chains, (run) => run, { unit, bound: { atLeast: 2.5 } }),
  ];
}
