-- AlterTable
ALTER TABLE "issuers" ADD COLUMN     "scheduled_start_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "policies" ADD COLUMN     "age_brings_forward" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "max_age_seconds" INTEGER,
ADD COLUMN     "min_spacing_seconds" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "renew_before_seconds" INTEGER;

-- AlterTable
ALTER TABLE "policy_assignments" ADD COLUMN     "moved_by" TEXT,
ADD COLUMN     "since" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now();
