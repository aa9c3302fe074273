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
