-- AlterTable
ALTER TABLE "findings" ADD COLUMN     "ignored_at" TIMESTAMPTZ(3),
ADD COLUMN     "ignored_because" TEXT,
ADD COLUMN     "ignored_by" TEXT;

-- CreateIndex
CREATE INDEX "rotations_created_at_id_idx" ON "rotations"("created_at" DESC, "id" DESC);
