-- Audit events are only ever added, whoever asks. One goes only once a detachment is stored that covers its place in the
-- sealed order: what is detached stands in a signed row, and whoever deletes another event has to switch this off.
create or replace function refuse_event_change() returns trigger
language plpgsql as $$
begin
  if tg_op = 'DELETE' and exists (
       select from audit_leaves l join audit_detachments d on l.seq between d.first_seq and d.last_seq
        where l.event_id = old.id) then
    return old;
  end if;
  raise exception '% is append-only: % is refused', tg_table_name, tg_op using errcode = 'insufficient_privilege';
end $$;
