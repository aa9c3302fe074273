-- The clock comes first: the tables' defaults read it.
-- The only clock. The test template replaces it to move time; nothing else does.
create or replace function rekey_now() returns timestamptz
language sql stable as $$ select now() $$;

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "password_hash" TEXT,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in_links" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "sign_in_links_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "step_up_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "revoked_at" TIMESTAMPTZ(3),
    "address" TEXT,
    "user_agent" TEXT,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in_failures" (
    "id" BIGSERIAL NOT NULL,
    "email" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "sign_in_failures_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "issuers" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "sealed" TEXT,
    "health" TEXT NOT NULL DEFAULT 'unknown',
    "paused_at" TIMESTAMPTZ(3),
    "archived_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "issuers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "targets" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "sealed" TEXT,
    "health" TEXT NOT NULL DEFAULT 'unknown',
    "paused_at" TIMESTAMPTZ(3),
    "archived_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "targets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "credentials" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "issuer_id" UUID NOT NULL,
    "place" JSONB NOT NULL,
    "sealed" TEXT,
    "environment" TEXT NOT NULL,
    "labels" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "owner" TEXT,
    "paused_at" TIMESTAMPTZ(3),
    "archived_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "credentials_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "secret_versions" (
    "id" UUID NOT NULL,
    "credential_id" UUID NOT NULL,
    "n" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "external_id" TEXT,
    "sealed" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "hint" TEXT,
    "expires_at" TIMESTAMPTZ(3),
    "ends_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "promoted_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "proven_dead_at" TIMESTAMPTZ(3),

    CONSTRAINT "secret_versions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bindings" (
    "id" UUID NOT NULL,
    "credential_id" UUID NOT NULL,
    "target_id" UUID NOT NULL,
    "place" JSONB NOT NULL,
    "sealed" TEXT,
    "fields" JSONB NOT NULL,
    "required" BOOLEAN NOT NULL DEFAULT true,
    "canary" BOOLEAN NOT NULL DEFAULT false,
    "needs" TEXT NOT NULL,
    "reads_next" BOOLEAN NOT NULL DEFAULT false,
    "location" TEXT NOT NULL DEFAULT 'local',
    "consumer_url" TEXT,
    "archived_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "bindings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "deliveries" (
    "version_id" UUID NOT NULL,
    "binding_id" UUID NOT NULL,
    "slot" TEXT NOT NULL DEFAULT 'primary',
    "level" TEXT NOT NULL,
    "confirmed_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "deliveries_pkey" PRIMARY KEY ("version_id","binding_id","slot")
);

-- CreateTable
CREATE TABLE "rotations" (
    "id" UUID NOT NULL,
    "credential_id" UUID NOT NULL,
    "slot" TIMESTAMPTZ(3),
    "strategy" TEXT NOT NULL,
    "phase" TEXT NOT NULL,
    "direction" TEXT NOT NULL DEFAULT 'forward',
    "outcome" TEXT,
    "hold" TEXT,
    "hold_detail" TEXT,
    "priority" TEXT NOT NULL,
    "reason" TEXT,
    "requested_by" JSONB NOT NULL,
    "plan_digest" TEXT NOT NULL,
    "grace_seconds" INTEGER NOT NULL,
    "from_version" UUID,
    "to_version" UUID,
    "predicted_gap_seconds" INTEGER NOT NULL,
    "gap_started_at" TIMESTAMPTZ(3),
    "gap_ended_at" TIMESTAMPTZ(3),
    "overlap_ends_at" TIMESTAMPTZ(3),
    "fence" BIGINT NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3),
    "next_attempt_at" TIMESTAMPTZ(3) DEFAULT rekey_now(),
    "deadline" TIMESTAMPTZ(3),
    "phase_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "rotations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rotation_steps" (
    "rotation_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "phase" TEXT NOT NULL,
    "binding_id" UUID,
    "attempt" INTEGER NOT NULL,
    "intent_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "ended_at" TIMESTAMPTZ(3),
    "result" TEXT,
    "error" TEXT,

    CONSTRAINT "rotation_steps_pkey" PRIMARY KEY ("rotation_id","seq")
);

-- CreateTable
CREATE TABLE "policies" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "interval_seconds" INTEGER,
    "cron" TEXT,
    "time_zone" TEXT NOT NULL,
    "grace_seconds" INTEGER NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "archived_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "policies_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_assignments" (
    "credential_id" UUID NOT NULL,
    "policy_id" UUID NOT NULL,
    "slot" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(3),
    "next_slot" TIMESTAMPTZ(3),
    "next_due_at" TIMESTAMPTZ(3),

    CONSTRAINT "policy_assignments_pkey" PRIMARY KEY ("credential_id")
);

-- CreateTable
CREATE TABLE "skips" (
    "credential_id" UUID NOT NULL,
    "slot" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "skips_pkey" PRIMARY KEY ("credential_id","slot")
);

-- CreateTable
CREATE TABLE "audit_events" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "action" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT,
    "actor_name" TEXT NOT NULL,
    "credential_id" UUID,
    "rotation_id" UUID,
    "request_id" TEXT,
    "body" TEXT NOT NULL,
    "leaf" BYTEA NOT NULL,

    CONSTRAINT "audit_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workers" (
    "id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "workers_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE UNIQUE INDEX "sign_in_links_token_hash_key" ON "sign_in_links"("token_hash");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "sign_in_failures_email_address_at_idx" ON "sign_in_failures"("email", "address", "at");

-- CreateIndex
CREATE UNIQUE INDEX "issuers_name_key" ON "issuers"("name");

-- CreateIndex
CREATE UNIQUE INDEX "targets_name_key" ON "targets"("name");

-- CreateIndex
CREATE UNIQUE INDEX "credentials_name_key" ON "credentials"("name");

-- CreateIndex
CREATE INDEX "credentials_issuer_id_idx" ON "credentials"("issuer_id");

-- CreateIndex
CREATE INDEX "secret_versions_fingerprint_idx" ON "secret_versions"("fingerprint");

-- CreateIndex
CREATE UNIQUE INDEX "secret_versions_credential_id_n_key" ON "secret_versions"("credential_id", "n");

-- CreateIndex
CREATE UNIQUE INDEX "secret_versions_credential_id_external_id_key" ON "secret_versions"("credential_id", "external_id");

-- CreateIndex
CREATE INDEX "bindings_credential_id_idx" ON "bindings"("credential_id");

-- CreateIndex
CREATE INDEX "bindings_target_id_idx" ON "bindings"("target_id");

-- CreateIndex
CREATE INDEX "rotations_credential_id_created_at_idx" ON "rotations"("credential_id", "created_at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "rotations_credential_id_slot_key" ON "rotations"("credential_id", "slot");

-- CreateIndex
CREATE UNIQUE INDEX "policies_name_key" ON "policies"("name");

-- CreateIndex
CREATE INDEX "policy_assignments_policy_id_idx" ON "policy_assignments"("policy_id");

-- CreateIndex
CREATE INDEX "policy_assignments_due_at_idx" ON "policy_assignments"("due_at");

-- CreateIndex
CREATE INDEX "audit_events_credential_id_id_idx" ON "audit_events"("credential_id", "id" DESC);

-- CreateIndex
CREATE INDEX "audit_events_rotation_id_id_idx" ON "audit_events"("rotation_id", "id");

-- CreateIndex
CREATE INDEX "audit_events_actor_name_id_idx" ON "audit_events"("actor_name", "id" DESC);

-- CreateIndex
CREATE INDEX "audit_events_action_id_idx" ON "audit_events"("action", "id" DESC);

-- CreateIndex
CREATE INDEX "audit_events_at_idx" ON "audit_events"("at");

-- AddForeignKey
ALTER TABLE "sign_in_links" ADD CONSTRAINT "sign_in_links_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_issuer_id_fkey" FOREIGN KEY ("issuer_id") REFERENCES "issuers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "secret_versions" ADD CONSTRAINT "secret_versions_credential_id_fkey" FOREIGN KEY ("credential_id") REFERENCES "credentials"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bindings" ADD CONSTRAINT "bindings_credential_id_fkey" FOREIGN KEY ("credential_id") REFERENCES "credentials"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bindings" ADD CONSTRAINT "bindings_target_id_fkey" FOREIGN KEY ("target_id") REFERENCES "targets"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "secret_versions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_binding_id_fkey" FOREIGN KEY ("binding_id") REFERENCES "bindings"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rotations" ADD CONSTRAINT "rotations_credential_id_fkey" FOREIGN KEY ("credential_id") REFERENCES "credentials"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rotation_steps" ADD CONSTRAINT "rotation_steps_rotation_id_fkey" FOREIGN KEY ("rotation_id") REFERENCES "rotations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_assignments" ADD CONSTRAINT "policy_assignments_credential_id_fkey" FOREIGN KEY ("credential_id") REFERENCES "credentials"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_assignments" ADD CONSTRAINT "policy_assignments_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policies"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "skips" ADD CONSTRAINT "skips_credential_id_fkey" FOREIGN KEY ("credential_id") REFERENCES "credentials"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Rules that the Prisma schema cannot say.
create unique index secret_versions_one_pending on secret_versions (credential_id) where state = 'pending';
create unique index secret_versions_one_current on secret_versions (credential_id) where state = 'current';
create unique index rotations_one_open on rotations (credential_id) where outcome is null;
create index rotations_due on rotations (next_attempt_at) where outcome is null and hold is null;

alter table secret_versions add constraint secret_versions_state
  check (state in ('pending', 'current', 'previous', 'revoked', 'discarded'));
alter table rotations add constraint rotations_outcome
  check (outcome in ('completed', 'rolled_back', 'cancelled', 'superseded'));
alter table policies add constraint policies_one_rhythm check ((interval_seconds is null) <> (cron is null));

-- Appends one audit event in the caller's transaction. The database adds the time; the text that jsonb prints is
-- deterministic, and it is this text that is stored and hashed. Answers the event's id.
create or replace function record_event(p_event jsonb) returns bigint
language plpgsql as $$
declare
  v_at timestamptz := date_trunc('milliseconds', rekey_now());
  v_body text := (p_event || jsonb_build_object(
    'at', to_char(v_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))::text;
  v_id bigint;
begin
  insert into audit_events
    (at, action, outcome, actor_kind, actor_id, actor_name, credential_id, rotation_id, request_id, body, leaf)
  values
    (v_at, p_event->>'action', p_event->>'outcome', p_event#>>'{actor,kind}', p_event#>>'{actor,id}',
     p_event#>>'{actor,name}', (p_event->>'credentialId')::uuid, (p_event->>'rotationId')::uuid,
     p_event->>'requestId', v_body, sha256('\x00'::bytea || convert_to(v_body, 'UTF8')))
  returning id into v_id;
  return v_id;
end $$;

-- Audit rows are only ever added, whoever asks.
create or replace function refuse_audit_change() returns trigger
language plpgsql as $$
begin
  raise exception 'audit_events is append-only: % is refused', tg_op using errcode = 'insufficient_privilege';
end $$;

create trigger audit_events_append_only before update or delete on audit_events
  for each row execute function refuse_audit_change();
create trigger audit_events_no_truncate before truncate on audit_events
  for each statement execute function refuse_audit_change();

-- Takes a rotation that is due: a new fence and a lease by the database's clock. No row: another worker has it,
-- or it waits, is held or has ended.
create or replace function claim_rotation(p_rotation uuid, p_lease_seconds integer) returns setof rotations
language sql as $$
  update rotations
     set fence = fence + 1, lease_until = rekey_now() + make_interval(secs => p_lease_seconds)
   where id = p_rotation and outcome is null and hold is null
     and next_attempt_at <= rekey_now()
     and (lease_until is null or lease_until < rekey_now())
  returning *;
$$;

-- Stores one step of a rotation: the patch and its audit events, or nothing at all. False: the fence is stale or the
-- phase has moved, so the caller has lost the rotation and must stop. It knows no rules; those are in
-- core/rotation/decide.ts.
--
-- patch: { "rotation": {column: value}, "steps": [row], "versions": [row, in this order], "deliveries": [row],
--          "credential": {"sealed": text} }. Columns that are left out keep their value. Each commit renews the lease,
-- unless the patch sets lease_until itself.
create or replace function commit_step(
  p_rotation uuid, p_fence bigint, p_phase text, p_lease_seconds integer, p_patch jsonb, p_events jsonb
) returns boolean
language plpgsql as $$
declare
  r rotations;
  s rotation_steps;
  v secret_versions;
  d deliveries;
  item jsonb;
begin
  select * into r from rotations
   where id = p_rotation and fence = p_fence and phase = p_phase and outcome is null for update;
  if not found then
    return false;
  end if;

  r.lease_until := rekey_now() + make_interval(secs => p_lease_seconds);
  r := jsonb_populate_record(r, coalesce(p_patch->'rotation', '{}'));
  if r.phase <> p_phase then
    r.phase_at := rekey_now();
  end if;
  if r.outcome is not null then
    r.ended_at := rekey_now();
  end if;
  update rotations
     set phase = r.phase, direction = r.direction, outcome = r.outcome, hold = r.hold, hold_detail = r.hold_detail,
         to_version = r.to_version, gap_started_at = r.gap_started_at, gap_ended_at = r.gap_ended_at,
         overlap_ends_at = r.overlap_ends_at, lease_until = r.lease_until, next_attempt_at = r.next_attempt_at,
         phase_at = r.phase_at, ended_at = r.ended_at
   where id = p_rotation;

  for item in select value from jsonb_array_elements(coalesce(p_patch->'steps', '[]')) loop
    select * into s from rotation_steps where rotation_id = p_rotation and seq = (item->>'seq')::integer;
    s := jsonb_populate_record(s, item);
    s.rotation_id := p_rotation;
    s.intent_at := coalesce(s.intent_at, rekey_now());
    if s.result is not null then
      s.ended_at := coalesce(s.ended_at, rekey_now());
    end if;
    insert into rotation_steps values (s.*)
    on conflict (rotation_id, seq) do update
      set ended_at = excluded.ended_at, result = excluded.result, error = excluded.error;
  end loop;

  for item in select value from jsonb_array_elements(coalesce(p_patch->'versions', '[]')) with ordinality order by ordinality loop
    select * into v from secret_versions where id = (item->>'id')::uuid;
    v := jsonb_populate_record(v, item);
    v.credential_id := r.credential_id;
    v.created_at := coalesce(v.created_at, rekey_now());
    insert into secret_versions values (v.*)
    on conflict (id) do update
      set state = excluded.state, external_id = excluded.external_id, hint = excluded.hint,
          expires_at = excluded.expires_at, ends_at = excluded.ends_at, promoted_at = excluded.promoted_at,
          revoked_at = excluded.revoked_at, proven_dead_at = excluded.proven_dead_at;
  end loop;

  for item in select value from jsonb_array_elements(coalesce(p_patch->'deliveries', '[]')) loop
    d := jsonb_populate_record(null::deliveries, item);
    insert into deliveries (version_id, binding_id, slot, level, confirmed_at, updated_at)
    values (d.version_id, d.binding_id, d.slot, d.level, d.confirmed_at, rekey_now())
    on conflict (version_id, binding_id, slot) do update
      set level = excluded.level, confirmed_at = coalesce(excluded.confirmed_at, deliveries.confirmed_at),
          updated_at = excluded.updated_at;
  end loop;

  if p_patch ? 'credential' then
    update credentials set sealed = p_patch#>>'{credential,sealed}' where id = r.credential_id;
  end if;

  perform record_event(value) from jsonb_array_elements(p_events);
  return true;
end $$;
