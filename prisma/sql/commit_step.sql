-- Stores one step of a rotation: the patch and its audit events, or nothing at all. Answers when it was stored and the
-- hold the rotation now has. No row: the fence is stale or the phase has moved, so the caller has lost the rotation and
-- must stop. It knows no rules; those are in core/rotation/decide.ts.
--
-- patch: { "rotation": {column: value}, "steps": [row], "versions": [row, in this order], "deliveries": [row],
--          "credential": {"sealed": text}, "issuer": {"failures": n, "health": text, …} }. Columns that are left out keep
-- their value. Each commit renews the lease, unless the patch sets lease_until itself.
-- Its answer has changed since the first migration, which `create or replace` cannot do.
drop function if exists commit_step(uuid, bigint, text, integer, jsonb, jsonb);
create or replace function commit_step(
  p_rotation uuid, p_fence bigint, p_phase text, p_lease_seconds integer, p_patch jsonb, p_events jsonb
) returns table (stored_at timestamptz, stored_hold text)
language plpgsql as $$
declare
  r rotations;
  s rotation_steps;
  v secret_versions;
  d deliveries;
  item jsonb;
  was_unhealthy boolean;
begin
  select * into r from rotations
   where id = p_rotation and fence = p_fence and phase = p_phase and outcome is null for update;
  if not found then
    return;
  end if;

  r.lease_until := rekey_now() + make_interval(secs => p_lease_seconds);
  r := jsonb_populate_record(r, coalesce(p_patch->'rotation', '{}'));
  if r.phase <> p_phase then
    r.phase_at := rekey_now();
  end if;
  if r.outcome is not null then
    r.ended_at := rekey_now();
  end if;
  update rotations
     set phase = r.phase, direction = r.direction, direction_at = r.direction_at, outcome = r.outcome, hold = r.hold, hold_detail = r.hold_detail,
         to_version = r.to_version, gap_started_at = r.gap_started_at, gap_ended_at = r.gap_ended_at,
         overlap_ends_at = r.overlap_ends_at, grace_seconds = r.grace_seconds, lease_until = r.lease_until, next_attempt_at = r.next_attempt_at,
         phase_at = r.phase_at, ended_at = r.ended_at
   where id = p_rotation
  returning hold into r.hold;

  for item in select value from jsonb_array_elements(coalesce(p_patch->'steps', '[]')) loop
    select * into s from rotation_steps where rotation_id = p_rotation and seq = (item->>'seq')::integer;
    s := jsonb_populate_record(s, item);
    s.rotation_id := p_rotation;
    s.direction := coalesce(s.direction, r.direction);
    s.intent_at := coalesce(s.intent_at, rekey_now());
    if s.result is not null then
      s.ended_at := coalesce(s.ended_at, rekey_now());
    end if;
    insert into rotation_steps values (s.*)
    on conflict (rotation_id, seq) do update
      set attempt = excluded.attempt, ended_at = excluded.ended_at, result = excluded.result,
          error = excluded.error, ref = excluded.ref;
  end loop;

  for item in select value from jsonb_array_elements(coalesce(p_patch->'versions', '[]')) with ordinality order by ordinality loop
    select * into v from secret_versions where id = (item->>'id')::uuid;
    v := jsonb_populate_record(v, item);
    v.credential_id := r.credential_id;
    v.created_at := coalesce(v.created_at, rekey_now());
    insert into secret_versions values (v.*)
    on conflict (id) do update
      set state = excluded.state, external_id = excluded.external_id, hint = excluded.hint,
          expires_at = excluded.expires_at, ends_at = excluded.ends_at, promoted_at = excluded.promoted_at,
          revoked_at = excluded.revoked_at, proven_dead_at = excluded.proven_dead_at;
  end loop;

  for item in select value from jsonb_array_elements(coalesce(p_patch->'deliveries', '[]')) loop
    d := jsonb_populate_record(null::deliveries, item);
    insert into deliveries (version_id, binding_id, slot, level, confirmed_at, updated_at)
    values (d.version_id, d.binding_id, d.slot, d.level, d.confirmed_at, rekey_now())
    on conflict (version_id, binding_id, slot) do update
      set level = excluded.level, confirmed_at = coalesce(excluded.confirmed_at, deliveries.confirmed_at),
          updated_at = excluded.updated_at;
  end loop;

  if p_patch ? 'credential' then
    update credentials set sealed = p_patch#>>'{credential,sealed}' where id = r.credential_id;
  end if;

  if p_patch ? 'issuer' then
    select i.health = 'unhealthy' into was_unhealthy
      from issuers i join credentials c on c.issuer_id = i.id where c.id = r.credential_id for update of i;
    update issuers i
       set failures = (p_patch#>>'{issuer,failures}')::integer,
           health = coalesce(p_patch#>>'{issuer,health}', i.health),
           probe_at = (p_patch#>>'{issuer,probe_at}')::timestamptz
      from credentials c where c.id = r.credential_id and i.id = c.issuer_id;
    if p_patch#>'{issuer,event}' is not null
       and was_unhealthy <> (p_patch#>>'{issuer,health}' = 'unhealthy') then
      perform record_event(p_patch#>'{issuer,event}');
    end if;
  end if;

  perform record_event(value) from jsonb_array_elements(p_events);
  return query select rekey_now(), r.hold;
end $$;
