-- Which database of which server this is. A copy in another place answers something else; see decision 0030 for what cannot be told
-- apart.
create or replace function database_identity() returns text
language sql stable as $$
  select c.system_identifier || '/' || d.oid
    from pg_control_system() c, pg_database d where d.datname = current_database()
$$;
