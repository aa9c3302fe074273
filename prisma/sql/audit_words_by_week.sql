-- An audit event's words as they are indexed: each with the event's week before it, such as `3022 cluster`, so that the words of one
-- week that begin with something stand next to each other. A word has neither a space nor a quote in it (audit_words.sql),
-- so the text of them all can be changed at once.
create or replace function audit_words_by_week(p_words tsvector, p_at timestamptz) returns tsvector
language sql immutable parallel safe
return replace(' ' || p_words::text, ' ''', ' ''' || audit_week(p_at)::text || ' ')::tsvector;
