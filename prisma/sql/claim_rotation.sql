-- Takes a rotation that is due: a new fence and a lease by the database's clock, and the rotation as it stands since.
-- No row: another worker has it, or it waits, is held or has ended.
--
-- Its answer has changed since the first migration, which `create or replace` cannot do.
drop function if exists claim_rotation(uuid, integer);
create or replace function claim_rotation(p_rotation uuid, p_lease_seconds integer)
returns table (fence bigint, loaded json)
language plpgsql as $$
begin
  update rotations r
     set fence = r.fence + 1, lease_until = rekey_now() + make_interval(secs => p_lease_seconds)
   -- By its id alone, as in commit_step, and its credential by the credential's.
   where id = p_rotation and coalesce(outcome, '') = '' and hold is null
     and next_attempt_at <= rekey_now()
     and (lease_until is null or lease_until < rekey_now())
     and coalesce((select c.healing_until <= rekey_now() from credentials c where c.id = r.credential_id), true)
     and (is_paused(credential_id) is null or goes_on_in_pause(r))
  returning r.fence into fence;
  if found then
    -- A statement of its own, so that it sees what was stored by whoever the claim had to wait for.
    loaded := load_rotation(p_rotation);
    return next;
  end if;
end $$;
