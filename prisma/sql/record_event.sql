-- Appends one audit event in the caller's transaction. Answers the event's id.
create or replace function record_event(p_event jsonb) returns bigint
language sql as $$
  select record_events(jsonb_build_array(p_event));
$$;
