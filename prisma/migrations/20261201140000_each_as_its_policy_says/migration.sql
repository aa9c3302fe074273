-- A batch without a grace period of its own leaves it to the policy of each credential. Batches that are here keep their number.
-- AlterTable
ALTER TABLE "batches" ALTER COLUMN "grace_seconds" DROP NOT NULL;
