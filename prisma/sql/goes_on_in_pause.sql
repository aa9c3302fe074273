-- Whether a rotation goes on although it is paused, because a pause leaves nobody without a secret that works: it stands
-- in a gap, or the secret in use ends by itself and not every consumer has the new one, or it has ended perhaps, because
-- the answer to a call that replaces it was lost. Never in a restored database: what it takes for a new secret may have been
-- replaced since.
create or replace function goes_on_in_pause(r rotations) returns boolean
language sql stable as $$
  select not is_restored() and (
         (r.gap_started_at is not null and r.gap_ended_at is null)
      or (r.strategy = 'graced' and r.direction = 'forward'
          and r.phase in ('verify', 'deliver', 'redeploy', 'confirm'))
      or (r.strategy in ('graced', 'cut-over') and r.phase = 'issue'
          and exists (select 1 from rotation_steps s
                       where s.rotation_id = r.id and s.phase = 'issue' and s.direction = r.direction
                         and coalesce(s.result, 'unknown') = 'unknown')))
$$;
