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
  -- What lies in the future was taken before the clock was set back: it would count until the clock is there again.
  delete from outside_turns
   where system = p_system
     and ((until <= asked_at and taken_at <= asked_at - interval '1 minute')
       or taken_at > asked_at + interval '1 minute');
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
