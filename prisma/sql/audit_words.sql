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
