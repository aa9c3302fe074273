-- What keeps a credential's rotations from going on: 'everything', 'issuer' or 'credential', the widest first; null where
-- nothing is paused.
create or replace function is_paused(p_credential uuid) returns text
language sql stable as $$
  select case when exists (select 1 from standstill) then 'everything'
              when i.paused_at is not null then 'issuer'
              when c.paused_at is not null then 'credential' end
    from credentials c join issuers i on i.id = c.issuer_id where c.id = p_credential
$$;
