-- A held rotation that can be neither finished, cancelled nor rolled back ends as it stands.
alter table rotations drop constraint rotations_outcome;
alter table rotations add constraint rotations_outcome
  check (outcome in ('completed', 'rolled_back', 'cancelled', 'superseded', 'abandoned'));
