-- Audit rows are only ever added, whoever asks.
create or replace function refuse_audit_change() returns trigger
language plpgsql as $$
begin
  raise exception '% is append-only: % is refused', tg_table_name, tg_op using errcode = 'insufficient_privilege';
end $$;
