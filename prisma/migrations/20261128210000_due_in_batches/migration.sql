-- DropIndex
DROP INDEX "policy_assignments_due_at_idx";

-- In the order in which slots are claimed, so that a claim reads as many entries as it takes, and a poll that finds nothing
-- due reads one, however many credentials there are.
create index policy_assignments_due on policy_assignments (due_at, slot, credential_id) where due_at is not null;

-- What the filler looks for: nothing, most of the time.
create index policy_assignments_unfilled on policy_assignments (due_at nulls first)
  where slot is null or due_at is null or next_slot is null;

-- The sweep reads each priority by itself, page by page.
create index rotations_due_by_priority on rotations (priority, next_attempt_at, id)
  where outcome is null and hold is null;
drop index rotations_due;
