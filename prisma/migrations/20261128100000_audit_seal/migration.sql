-- CreateTable
CREATE TABLE "audit_leaves" (
    "seq" BIGINT NOT NULL,
    "event_id" BIGINT NOT NULL,
    "leaf" BYTEA NOT NULL,

    CONSTRAINT "audit_leaves_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "audit_batches" (
    "n" BIGINT NOT NULL,
    "first_seq" BIGINT NOT NULL,
    "last_seq" BIGINT NOT NULL,
    "root" BYTEA NOT NULL,
    "previous" BYTEA NOT NULL,
    "settled" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "key_id" TEXT NOT NULL,
    "signature" BYTEA NOT NULL,
    "top" BIGINT NOT NULL,
    "xid" BIGINT NOT NULL,

    CONSTRAINT "audit_batches_pkey" PRIMARY KEY ("n")
);

-- CreateTable
CREATE TABLE "audit_keys" (
    "id" TEXT NOT NULL,
    "public_key" BYTEA NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "audit_keys_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "audit_batches_last_seq_key" ON "audit_batches"("last_seq");

-- CreateIndex
CREATE UNIQUE INDEX "audit_leaves_event_id_key" ON "audit_leaves"("event_id");

-- Audit rows are only ever added, whoever asks.
create or replace function refuse_audit_change() returns trigger
language plpgsql as $$
begin
  raise exception '% is append-only: % is refused', tg_table_name, tg_op using errcode = 'insufficient_privilege';
end $$;

create trigger audit_leaves_append_only before update or delete on audit_leaves
  for each row execute function refuse_audit_change();
create trigger audit_leaves_no_truncate before truncate on audit_leaves
  for each statement execute function refuse_audit_change();
create trigger audit_batches_append_only before update or delete on audit_batches
  for each row execute function refuse_audit_change();
create trigger audit_batches_no_truncate before truncate on audit_batches
  for each statement execute function refuse_audit_change();
create trigger audit_keys_append_only before update or delete on audit_keys
  for each row execute function refuse_audit_change();
create trigger audit_keys_no_truncate before truncate on audit_keys
  for each statement execute function refuse_audit_change();

-- Appends audit events in the caller's transaction, in their order. The database adds the time; the text that jsonb
-- prints is deterministic, and it is this text that is stored and hashed.
create or replace function record_events(p_events jsonb) returns setof bigint
language plpgsql as $$
declare
  v_at timestamptz := date_trunc('milliseconds', rekey_now());
  v_time jsonb := jsonb_build_object('at', to_char(v_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'));
begin
  -- The transaction gets its number before an event gets its id, so that the sealer can tell when an id has settled
  -- (docs/decisions/0018).
  perform pg_current_xact_id();
  return query
  insert into audit_events
    (at, action, outcome, actor_kind, actor_id, actor_name, credential_id, rotation_id, request_id, body, leaf)
  select v_at, e->>'action', e->>'outcome', e#>>'{actor,kind}', e#>>'{actor,id}', e#>>'{actor,name}',
         (e->>'credentialId')::uuid, (e->>'rotationId')::uuid, e->>'requestId', text.body,
         sha256('\x00'::bytea || convert_to(text.body, 'UTF8'))
    from jsonb_array_elements(p_events) with ordinality as given(e, place)
    cross join lateral (select (e || v_time)::text as body) text
   order by given.place
  returning id;
end $$;
