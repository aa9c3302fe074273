-- Appends audit events in the caller's transaction, in their order. The database adds the time; the text that jsonb
-- prints is deterministic, and it is this text that is stored and hashed.
create or replace function record_events(p_events jsonb) returns setof bigint
language plpgsql as $$
declare
  v_at timestamptz := date_trunc('milliseconds', rekey_now());
  v_time jsonb := jsonb_build_object('at', to_char(v_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'));
begin
  -- The transaction gets its number before an event gets its id, so that the sealer can tell when an id has settled
  -- (docs/decisions/0018).
  perform pg_current_xact_id();
  return query
  insert into audit_events
    (at, action, outcome, actor_kind, actor_id, actor_name, credential_id, rotation_id, request_id, body, leaf)
  select v_at, e->>'action', e->>'outcome', e#>>'{actor,kind}', e#>>'{actor,id}', e#>>'{actor,name}',
         (e->>'credentialId')::uuid, (e->>'rotationId')::uuid, e->>'requestId', text.body,
         sha256('\x00'::bytea || convert_to(text.body, 'UTF8'))
    from jsonb_array_elements(p_events) with ordinality as given(e, place)
    -- The offset keeps it one expression, which would else be printed once for the column and once for its hash.
    cross join lateral (select (e || v_time)::text as body offset 0) text
   order by given.place
  returning id;
end $$;
