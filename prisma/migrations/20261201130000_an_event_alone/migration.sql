-- An event that is stored alone goes without the cost of a list: it was an array that was taken apart again. What is stored is the same.
-- Appends one audit event in the caller's transaction. Answers the event's id. What is stored is what record_events
-- stores for the same event, without the cost of a list; a test holds the two against each other.
create or replace function record_event(p_event jsonb) returns bigint
language plpgsql as $$
declare
  v_at timestamptz := date_trunc('milliseconds', rekey_now());
  v_body text := (p_event || jsonb_build_object(
    'at', to_char(v_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))::text;
  v_id bigint;
begin
  perform pg_current_xact_id();
  insert into audit_events
    (at, action, outcome, actor_kind, actor_id, actor_name, credential_id, rotation_id, request_id, body, leaf)
  values (v_at, p_event->>'action', p_event->>'outcome', p_event#>>'{actor,kind}', p_event#>>'{actor,id}',
          p_event#>>'{actor,name}', (p_event->>'credentialId')::uuid, (p_event->>'rotationId')::uuid,
          p_event->>'requestId', v_body, sha256('\x00'::bytea || convert_to(v_body, 'UTF8')))
  returning id into v_id;
  return v_id;
end $$;
