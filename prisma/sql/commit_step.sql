-- Stores one step of a rotation: the patch and its audit events, or nothing at all. Answers when it was stored and the
-- hold the rotation now has, or that it is paused. No row: the fence is stale or the phase has moved, so the caller has lost the rotation and
-- must stop. It knows no rules; those are in core/rotation/decide.ts.
--
-- patch: { "rotation": {column: value}, "steps": [row], "versions": [row, in this order], "deliveries": [row],
--          "credential": {"sealed": text}, "issuer": {"failures": n, "health": text, …} }. Columns that are left out keep
-- their value, and each row is named once. Each commit renews the lease, unless the patch sets lease_until itself.
-- A rotation that is due stays due since when it was: next_attempt_at is indexed, and to move it on with every step
-- would write the row anew into every index.
--
-- A rotation is looked for by its id alone: "outcome is null", as it stands in the indexes of open rotations, would let the planner
-- read one of those from end to end while it is short, and keep that plan when thousands are open.
--
-- Its answer has changed since the first migration, which `create or replace` cannot do.
drop function if exists commit_step(uuid, bigint, text, integer, jsonb, jsonb);
create or replace function commit_step(
  p_rotation uuid, p_fence bigint, p_phase text, p_lease_seconds integer, p_patch jsonb, p_events jsonb
) returns table (stored_at timestamptz, stored_hold text)
language plpgsql as $$
declare
  v_now timestamptz := rekey_now();
  v_credential uuid;
  v_direction text;
  was_unhealthy boolean;
begin
  update rotations r
     set (phase, direction, direction_at, outcome, hold, hold_detail, to_version, gap_started_at, gap_ended_at,
          overlap_ends_at, grace_seconds, usage_looked_at, new_seen_at, old_seen_at, lease_until, next_attempt_at, phase_at, ended_at)
       = (select n.phase, n.direction, n.direction_at, n.outcome, n.hold, n.hold_detail, n.to_version,
                 n.gap_started_at, n.gap_ended_at, n.overlap_ends_at, n.grace_seconds,
                 n.usage_looked_at, n.new_seen_at, n.old_seen_at,
                 case when p_patch->'rotation' ? 'lease_until' then n.lease_until
                      else v_now + make_interval(secs => p_lease_seconds) end,
                 case when r.next_attempt_at <= v_now and n.next_attempt_at <= v_now then r.next_attempt_at
                      else n.next_attempt_at end,
                 case when n.phase <> r.phase then v_now else n.phase_at end,
                 case when n.outcome is not null then v_now end
            from jsonb_populate_record(r, coalesce(p_patch->'rotation', '{}')) n)
   where id = p_rotation and fence = p_fence and phase = p_phase and coalesce(outcome, '') = ''
  returning r.credential_id, r.direction,
            -- By the steps before this commit: one that it begins has asked nothing yet.
            coalesce(r.hold, case when is_paused(r.credential_id) is not null and not goes_on_in_pause(r)
                                  then 'paused' end)
       into v_credential, v_direction, stored_hold;
  if not found then
    return;
  end if;

  if p_patch ? 'steps' then
    insert into rotation_steps as s
           (rotation_id, seq, direction, phase, binding_id, attempt, intent_at, ended_at, result, error, ref, not_before)
    select p_rotation, n.seq, coalesce(n.direction, v_direction), n.phase, n.binding_id, n.attempt, v_now,
           case when n.result is not null then v_now end, n.result, n.error, n.ref, n.not_before
      from jsonb_to_recordset(p_patch->'steps') as n(
             seq integer, direction text, phase text, binding_id uuid, attempt integer, result text, error text, ref text,
             not_before timestamptz)
    on conflict (rotation_id, seq) do update
      set attempt = excluded.attempt, ended_at = excluded.ended_at, result = excluded.result,
          error = excluded.error, ref = excluded.ref, not_before = excluded.not_before;
  end if;

  if p_patch ? 'versions' then
    insert into secret_versions
           (id, credential_id, n, state, external_id, sealed, fingerprint, hint, expires_at, ends_at, created_at,
            promoted_at, revoked_at, proven_dead_at)
    select n.id, v_credential, n.n, n.state, n.external_id, n.sealed, n.fingerprint, n.hint, n.expires_at, n.ends_at,
           coalesce(n.created_at, v_now), n.promoted_at, n.revoked_at, n.proven_dead_at
      from jsonb_array_elements(p_patch->'versions') with ordinality as given(item, place)
      -- One look-up by key for each: joined in another way, the planner would rather read the whole table.
      left join lateral (select * from secret_versions s where s.id = (given.item->>'id')::uuid limit 1) v on true
      cross join lateral jsonb_populate_record(v::secret_versions, given.item) n
     order by given.place
    on conflict (id) do update
      set state = excluded.state, external_id = excluded.external_id, hint = excluded.hint,
          expires_at = excluded.expires_at, ends_at = excluded.ends_at, promoted_at = excluded.promoted_at,
          revoked_at = excluded.revoked_at, proven_dead_at = excluded.proven_dead_at;
  end if;

  if p_patch ? 'deliveries' then
    insert into deliveries as d (version_id, binding_id, slot, level, confirmed_at, updated_at)
    select n.version_id, n.binding_id, n.slot, n.level, n.confirmed_at, v_now
      from jsonb_to_recordset(p_patch->'deliveries') as n(
             version_id uuid, binding_id uuid, slot text, level text, confirmed_at timestamptz)
    on conflict (version_id, binding_id, slot) do update
      set level = excluded.level, confirmed_at = coalesce(excluded.confirmed_at, d.confirmed_at),
          updated_at = excluded.updated_at;
  end if;

  if p_patch ? 'credential' then
    update credentials set sealed = p_patch#>>'{credential,sealed}' where id = v_credential;
  end if;

  if p_patch ? 'issuer' then
    select i.health = 'unhealthy' into was_unhealthy
      from issuers i join credentials c on c.issuer_id = i.id where c.id = v_credential for update of i;
    update issuers i
       set failures = (p_patch#>>'{issuer,failures}')::integer,
           health = coalesce(p_patch#>>'{issuer,health}', i.health),
           probe_at = (p_patch#>>'{issuer,probe_at}')::timestamptz
      from credentials c where c.id = v_credential and i.id = c.issuer_id;
    if p_patch#>'{issuer,event}' is not null
       and was_unhealthy <> (p_patch#>>'{issuer,health}' = 'unhealthy') then
      perform record_event(p_patch#>'{issuer,event}');
    end if;
  end if;

  perform record_events(p_events);
  stored_at := v_now;
  return next;
end $$;
