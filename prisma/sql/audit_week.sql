-- Which week an audit event is in, for the index of words: they are counted from 1970 on, in UTC.
create or replace function audit_week(p_at timestamptz) returns integer
language sql immutable parallel safe
return ((p_at at time zone 'UTC')::date - date '1970-01-01') / 7;
