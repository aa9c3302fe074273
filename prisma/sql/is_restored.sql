-- Whether this database came out of a backup or is a copy, and was not compared with the outside since: nothing runs on it.
create or replace function is_restored() returns boolean
language sql stable as $$
  select exists (select 1 from standstill where id = 2)
$$;
