-- The words of each event are a stored generated column, so the table is written anew once; no row of it is changed, and
-- the triggers that refuse changes stay. Deploy it while nothing writes if the table is large: it locks the table meanwhile.
-- The words of an audit event's body that people search for, in small letters: what things are called and what was said.
-- Not the ids, which have columns of their own. Beside them stands the day, as `@2026-11-28`, so that the index of words alone
-- can find what a word has on some days. A word is a run of ASCII letters, digits and characters beyond ASCII, on
-- every database alike whatever its locale; core/evidence/words.ts takes a search apart in the same way.
-- In plpgsql, because every event is stored with it: as an sql function it takes twice as long.
create or replace function audit_words(p_body text) returns tsvector
language plpgsql immutable parallel safe as $$
declare
  v_words text[] := array_remove(string_to_array(regexp_replace(lower(left((
    select string_agg(told #>> '{}', ' ')
      from jsonb_path_query(
             (p_body::jsonb #- '{actor,id}' #- '{actor,kind}')
               - '{at,action,outcome,id,credentialId,rotationId,requestId,planDigest,by}'::text[],
             '$.** ? (@.type() == "string")') told), 20000) collate "C"),
    '[^a-z0-9\u0080-\U0010ffff]+', ' ', 'g'), ' '), '');
  v_day text := '@' || coalesce(left(p_body::jsonb->>'at', 10), '');
begin
  -- A tsvector takes no word of 2 kB; a search looks at the first 64 characters only.
  if octet_length(p_body) > 2000 then
    v_words := array(select left(word, 64) from unnest(v_words) word);
  end if;
  return array_to_tsvector(coalesce(v_words, '{}') || v_day);
end $$;

-- Pages are in the order of (at, id), so each filter's index ends with these.
DROP INDEX "audit_events_action_id_idx";
DROP INDEX "audit_events_actor_name_id_idx";
DROP INDEX "audit_events_at_idx";
DROP INDEX "audit_events_credential_id_id_idx";

ALTER TABLE "audit_events" ADD COLUMN "words" tsvector GENERATED ALWAYS AS (audit_words(body)) STORED;

CREATE INDEX "audit_events_at_id_idx" ON "audit_events"("at" DESC, "id" DESC);
CREATE INDEX "audit_events_credential_id_at_id_idx" ON "audit_events"("credential_id", "at" DESC, "id" DESC);
CREATE INDEX "audit_events_actor_name_at_id_idx" ON "audit_events"("actor_name", "at" DESC, "id" DESC);
CREATE INDEX "audit_events_action_at_id_idx" ON "audit_events"("action", "at" DESC, "id" DESC);
CREATE INDEX "audit_events_words_idx" ON "audit_events" USING GIN ("words");
-- What few events have: a failure, and the request that they belong to.
CREATE INDEX "audit_events_failures_idx" ON "audit_events"("at" DESC, "id" DESC) WHERE outcome = 'failure';
CREATE INDEX "audit_events_request_id_at_id_idx" ON "audit_events"("request_id", "at" DESC, "id" DESC)
  WHERE request_id IS NOT NULL;

-- CreateTable
CREATE TABLE "saved_views" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "query" TEXT NOT NULL,
    "created_by" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "saved_views_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "saved_views_name_key" ON "saved_views"("name");
