-- CreateTable
CREATE TABLE "audit_detachments" (
    "n" BIGINT NOT NULL,
    "first_seq" BIGINT NOT NULL,
    "last_seq" BIGINT NOT NULL,
    "before" TIMESTAMPTZ(3) NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "by" TEXT NOT NULL,
    "archive" BYTEA NOT NULL,
    "key_id" TEXT NOT NULL,
    "signature" BYTEA NOT NULL,

    CONSTRAINT "audit_detachments_pkey" PRIMARY KEY ("n")
);

-- CreateIndex
CREATE UNIQUE INDEX "audit_detachments_last_seq_key" ON "audit_detachments"("last_seq");

create trigger audit_detachments_append_only before update or delete on audit_detachments
  for each row execute function refuse_audit_change();
create trigger audit_detachments_no_truncate before truncate on audit_detachments
  for each statement execute function refuse_audit_change();

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

drop trigger audit_events_append_only on audit_events;
create trigger audit_events_append_only before update or delete on audit_events
  for each row execute function refuse_event_change();
