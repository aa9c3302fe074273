-- AlterTable
ALTER TABLE "policies" ADD COLUMN     "blackouts" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "jitter_seconds" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "window" JSONB;
