-- AlterTable
ALTER TABLE "issuers" ADD COLUMN     "checked_at" TIMESTAMPTZ(3),
ADD COLUMN     "checked_by" TEXT;

-- AlterTable
ALTER TABLE "targets" ADD COLUMN     "checked_at" TIMESTAMPTZ(3),
ADD COLUMN     "checked_by" TEXT;

-- Every import signed in at its issuer, and every binding was delivered to, so none of these was never checked.
update issuers i
   set health = 'healthy', checked_by = 'import', checked_at = c.at
  from (select issuer_id, max(created_at) as at from credentials where archived_at is null group by issuer_id) c
 where c.issuer_id = i.id and i.health = 'unknown' and i.archived_at is null;

update targets t
   set health = 'healthy', checked_by = 'binding', checked_at = b.at
  from (select target_id, max(created_at) as at from bindings where archived_at is null group by target_id) b
 where b.target_id = t.id and t.health = 'unknown' and t.archived_at is null;
