-- AlterTable
ALTER TABLE "users" ADD COLUMN     "identity_allowed_until" TIMESTAMPTZ(3);
