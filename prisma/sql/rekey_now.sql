-- The only clock. The test template replaces it to move time; nothing else does.
create or replace function rekey_now() returns timestamptz
language sql stable as $$ select now() $$;
