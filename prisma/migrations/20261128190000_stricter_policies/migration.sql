-- AlterTable
ALTER TABLE "policies" ADD COLUMN     "needs" TEXT,
ADD COLUMN     "notifier_ids" UUID[] DEFAULT ARRAY[]::UUID[],
ADD COLUMN     "retry_attempts" INTEGER NOT NULL DEFAULT 8,
ADD COLUMN     "retry_seconds" INTEGER NOT NULL DEFAULT 3600;

-- AlterTable
ALTER TABLE "rotations" ADD COLUMN     "needs" TEXT,
ADD COLUMN     "retry_attempts" INTEGER NOT NULL DEFAULT 8,
ADD COLUMN     "retry_seconds" INTEGER NOT NULL DEFAULT 3600;
