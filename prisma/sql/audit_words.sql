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
