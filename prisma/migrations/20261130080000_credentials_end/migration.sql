-- An archived credential has no sealed values.
-- DropIndex
DROP INDEX "credentials_name_key";

-- AlterTable
ALTER TABLE "secret_versions" ALTER COLUMN "sealed" DROP NOT NULL;

-- A name is free again once its credential is archived.
create unique index credentials_one_live_name on credentials (name) where archived_at is null;
