-- AlterTable
ALTER TABLE "policies" ADD COLUMN     "approvals" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "rotations" ADD COLUMN     "approvals_needed" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "approvals" (
    "rotation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "approvals_pkey" PRIMARY KEY ("rotation_id","user_id")
);

-- AddForeignKey
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_rotation_id_fkey" FOREIGN KEY ("rotation_id") REFERENCES "rotations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
