-- AlterTable
ALTER TABLE "credentials" ADD COLUMN     "reveal_allowed" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "reveals" (
    "version_id" UUID NOT NULL,
    "by" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "reveals_pkey" PRIMARY KEY ("version_id")
);

-- AddForeignKey
ALTER TABLE "reveals" ADD CONSTRAINT "reveals_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "secret_versions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
