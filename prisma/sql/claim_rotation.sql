-- Takes a rotation that is due: a new fence and a lease by the database's clock. No row: another worker has it,
-- or it waits, is held or has ended.
create or replace function claim_rotation(p_rotation uuid, p_lease_seconds integer) returns setof rotations
language sql as $$
  update rotations
     set fence = fence + 1, lease_until = rekey_now() + make_interval(secs => p_lease_seconds)
   where id = p_rotation and outcome is null and hold is null
     and next_attempt_at <= rekey_now()
     and (lease_until is null or lease_until < rekey_now())
     and not exists (select 1 from credentials c where c.id = credential_id and c.healing_until > rekey_now())
  returning *;
$$;
