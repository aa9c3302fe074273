-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "single_sign_on" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "second_factor_rule" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "by" TEXT NOT NULL,

    CONSTRAINT "second_factor_rule_pkey" PRIMARY KEY ("id")
);
