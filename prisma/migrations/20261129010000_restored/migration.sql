-- CreateTable
CREATE TABLE "instance" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "identity" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "instance_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "restorations" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "how" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "compared_at" TIMESTAMPTZ(3),
    "list" JSONB,
    "resumed_at" TIMESTAMPTZ(3),
    "resumed_by" TEXT,

    CONSTRAINT "restorations_pkey" PRIMARY KEY ("id")
);

alter table standstill drop constraint standstill_one;
alter table standstill add constraint standstill_two check (id in (1, 2));
alter table instance add constraint instance_one check (id = 1);
alter table restorations add constraint restorations_how check (how in ('backup', 'copy', 'hand'));
create unique index restorations_open on restorations ((true)) where resumed_at is null;

-- Whether this database came out of a backup or is a copy, and was not compared with the outside since: nothing runs on it.
create or replace function is_restored() returns boolean
language sql stable as $$
  select exists (select 1 from standstill where id = 2)
$$;

-- Which database of which server this is. A copy in another place answers something else; see decision 0030 for what cannot be told
-- apart.
create or replace function database_identity() returns text
language sql stable as $$
  select c.system_identifier || '/' || d.oid
    from pg_control_system() c, pg_database d where d.datname = current_database()
$$;

-- Whether a rotation goes on although it is paused, because a pause leaves nobody without a secret that works: it stands
-- in a gap, or the secret in use ends by itself and not every consumer has the new one, or it has ended perhaps, because
-- the answer to a call that replaces it was lost. Never in a restored database: what it takes for a new secret may have been
-- replaced since.
create or replace function goes_on_in_pause(r rotations) returns boolean
language sql stable as $$
  select not is_restored() and (
         (r.gap_started_at is not null and r.gap_ended_at is null)
      or (r.strategy = 'graced' and r.direction = 'forward'
          and r.phase in ('verify', 'deliver', 'redeploy', 'confirm'))
      or (r.strategy in ('graced', 'cut-over') and r.phase = 'issue'
          and exists (select 1 from rotation_steps s
                       where s.rotation_id = r.id and s.phase = 'issue' and s.direction = r.direction
                         and coalesce(s.result, 'unknown') = 'unknown')))
$$;
