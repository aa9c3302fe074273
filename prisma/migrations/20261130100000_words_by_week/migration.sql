-- The index of words is made anew, by the week, so that the newest events with a rare word are found without all that ever
-- had one that begins like it. Events that are stored stay as they are: their words still have the day beside them, as the
-- index before needed it, and no search begins like a day. The table is locked against writes while the index is made.
-- Which week an audit event is in, for the index of words: they are counted from 1970 on, in UTC.
create or replace function audit_week(p_at timestamptz) returns integer
language sql immutable parallel safe
return ((p_at at time zone 'UTC')::date - date '1970-01-01') / 7;

-- The words of an audit event's body that people search for, in small letters: what things are called and what was said.
-- Not the ids, which have columns of their own. A word is a run of ASCII letters, digits and characters beyond ASCII, on
-- every database alike whatever its locale; core/evidence/words.ts takes a search apart in the same way.
-- In plpgsql, because every event is stored with it: as an sql function it takes twice as long.
create or replace function audit_words(p_body text) returns tsvector
language plpgsql immutable parallel safe as $$
declare
  -- As the text of a JSON array: its quotes and commas belong to no word, and no query is needed to read it.
  v_told text := jsonb_path_query_array(
    (p_body::jsonb #- '{actor,id}' #- '{actor,kind}')
      - '{at,action,outcome,id,credentialId,rotationId,requestId,planDigest,by}'::text[],
    '$.** ? (@.type() == "string")');
  v_words text[];
begin
  -- In the text of JSON an escaped character is another one, and quotes would count among the characters that are kept.
  if strpos(v_told, '\') > 0 or length(v_told) > 20000 then
    v_told := left((select string_agg(told, ' ') from jsonb_array_elements_text(v_told::jsonb) told), 20000);
  end if;
  v_words := array_remove(string_to_array(
    regexp_replace(lower(v_told collate "C"), '[^a-z0-9\u0080-\U0010ffff]+', ' ', 'g'), ' '), '');
  -- A tsvector takes no word of 2 kB; a search looks at the first 64 characters only.
  if octet_length(p_body) > 2000 then
    v_words := array(select left(word, 64) from unnest(v_words) word);
  end if;
  return array_to_tsvector(v_words);
end $$;

-- An audit event's words as they are indexed: each with the event's week before it, such as `3022 cluster`, so that the words of one
-- week that begin with something stand next to each other. A word has neither a space nor a quote in it (audit_words.sql),
-- so the text of them all can be changed at once.
create or replace function audit_words_by_week(p_words tsvector, p_at timestamptz) returns tsvector
language sql immutable parallel safe
return replace(' ' || p_words::text, ' ''', ' ''' || audit_week(p_at)::text || ' ')::tsvector;

DROP INDEX "audit_events_words_idx";
-- What is not yet sorted in is read by every search, and again for every week: 64 kB are a few hundred events. Sorting so
-- few in at a time costs no more, and no event waits until 4 MB, the default, are sorted in.
CREATE INDEX "audit_events_words_idx" ON "audit_events" USING GIN (audit_words_by_week("words", "at"))
  WITH (gin_pending_list_limit = 64);
