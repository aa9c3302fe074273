-- CreateTable
CREATE TABLE "notifiers" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "sealed" TEXT,
    "notices" TEXT[],
    "error" TEXT,
    "sent_at" TIMESTAMPTZ(3),
    "next_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "notifiers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notifications" (
    "id" UUID NOT NULL,
    "notifier_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "subject" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3) DEFAULT rekey_now(),
    "sent_at" TIMESTAMPTZ(3),

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outside_turns" (
    "id" UUID NOT NULL,
    "system" TEXT NOT NULL,
    "taken_at" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "calls" INTEGER NOT NULL,

    CONSTRAINT "outside_turns_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "notifiers_name_key" ON "notifiers"("name");

-- CreateIndex
CREATE INDEX "notifications_notifier_id_subject_idx" ON "notifications"("notifier_id", "subject");

-- CreateIndex
CREATE INDEX "notifications_next_at_idx" ON "notifications"("next_at");

-- CreateIndex
CREATE UNIQUE INDEX "notifications_notifier_id_key_key" ON "notifications"("notifier_id", "key");

-- CreateIndex
CREATE INDEX "outside_turns_system_taken_at_idx" ON "outside_turns"("system", "taken_at");

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_notifier_id_fkey" FOREIGN KEY ("notifier_id") REFERENCES "notifiers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

create index secret_versions_expiring on secret_versions (expires_at) where state = 'current' and expires_at is not null;

-- Takes a turn at a configured system that limits how often, or how many at the same time, it is asked: at once and
-- for all workers. Answers 0 where the turn was taken, else the seconds after which asking again makes sense.
-- A turn that nobody gives back, because its worker died, ends by itself.
create or replace function take_turn(
  p_system text, p_turn uuid, p_concurrency integer, p_per_minute integer, p_lease_seconds integer
) returns double precision
language plpgsql as $$
declare
  asked_at timestamptz;
  running integer;
  calls integer;
  oldest timestamptz;
begin
  perform pg_advisory_xact_lock(hashtextextended('turn at ' || p_system, 0));
  asked_at := rekey_now();
  delete from outside_turns
   where system = p_system and until <= asked_at and taken_at <= asked_at - interval '1 minute';
  select count(*) filter (where t.until > asked_at),
         coalesce(sum(t.calls) filter (where t.taken_at > asked_at - interval '1 minute'), 0),
         min(t.taken_at) filter (where t.taken_at > asked_at - interval '1 minute')
    into running, calls, oldest
    from outside_turns t where t.system = p_system;
  if running >= p_concurrency then
    return 0.5;
  end if;
  if calls >= p_per_minute then
    return greatest(0.5, extract(epoch from oldest + interval '1 minute' - asked_at));
  end if;
  insert into outside_turns (id, system, taken_at, until, calls)
  values (p_turn, p_system, asked_at, asked_at + make_interval(secs => p_lease_seconds), 1);
  return 0;
end $$;
