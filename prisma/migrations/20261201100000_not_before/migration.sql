-- A step keeps until when whoever was asked wants to be left alone, so that nobody has it tried sooner.
alter table "rotation_steps" add column "not_before" timestamptz(3);

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

-- A rotation with everything its effects need, as it stands, in the names of core/rotation/load-rotation.ts. Null:
-- there is no such rotation. One answer, because a worker reads all of it each time it takes a rotation.
create or replace function load_rotation(p_rotation uuid) returns json
language plpgsql stable as $$
begin
  return (
    select json_build_object(
      'now', rekey_now(),
      'rotation', to_json(r),
      'credential', json_build_object('name', c.name, 'place', c.place, 'sealed', c.sealed),
      'issuer', json_build_object('id', i.id, 'name', i.name, 'kind', i.kind, 'config', i.config, 'sealed', i.sealed,
                                  'health', i.health, 'failures', i.failures),
      -- The hours of the schedule that it comes from, as long as it has changed nothing.
      'hours', (
        select json_build_object('window', p.window, 'blackouts', p.blackouts)
          from policy_assignments a join policies p on p.id = a.policy_id
         where a.credential_id = r.credential_id and r.slot is not null and r.phase = 'preflight'
           and p.archived_at is null),
      'nextVersion', (select coalesce(max(v.n), 0) + 1 from secret_versions v where v.credential_id = r.credential_id),
      -- What it replaces and makes, and what earlier ones left working at the issuer. Looked for one by one: a credential
      -- has every version that it ever had.
      'versions', (
        select json_agg(json_build_object(
                 'id', v.id, 'n', v.n, 'fingerprint', v.fingerprint, 'state', v.state, 'externalId', v.external_id,
                 'sealed', v.sealed, 'createdAt', v.created_at, 'endsAt', v.ends_at, 'revokedAt', v.revoked_at)
                 order by v.n)
          from (select * from secret_versions where id in (r.from_version, r.to_version)
                union all
                select * from secret_versions
                 where credential_id = r.credential_id and revoked_at is null and external_id is not null
                   and state in ('previous', 'discarded')
                   and id is distinct from r.from_version and id is distinct from r.to_version) v),
      'bindings', (
        select json_agg(json_build_object(
                 'id', b.id, 'place', b.place, 'sealed', b.sealed, 'fields', b.fields, 'required', b.required,
                 'canary', b.canary, 'needs', b.needs, 'readsNext', b.reads_next, 'consumerUrl', b.consumer_url,
                 'target', json_build_object('id', t.id, 'name', t.name, 'kind', t.kind, 'config', t.config,
                                             'sealed', t.sealed))
                 order by b.canary desc, b.created_at, b.id)
          from bindings b join targets t on t.id = b.target_id
         where b.credential_id = r.credential_id and b.archived_at is null),
      'deliveries', (
        select json_agg(json_build_object('versionId', d.version_id, 'bindingId', d.binding_id, 'slot', d.slot,
                                          'level', d.level, 'updatedAt', d.updated_at))
          from deliveries d where d.version_id in (r.from_version, r.to_version)),
      'steps', (
        select json_agg(json_build_object(
                 'seq', s.seq, 'direction', s.direction, 'phase', s.phase, 'bindingId', s.binding_id,
                 'attempt', s.attempt, 'result', s.result, 'intentAt', s.intent_at, 'ref', s.ref,
                 'notBefore', s.not_before) order by s.seq)
          from rotation_steps s where s.rotation_id = r.id))
      from rotations r join credentials c on c.id = r.credential_id join issuers i on i.id = c.issuer_id
     where r.id = p_rotation);
end $$;
