-- Views of other lists than the audit log; a name is taken once in each list.
-- DropIndex
DROP INDEX "saved_views_name_key";

-- AlterTable
ALTER TABLE "saved_views" ADD COLUMN "list" TEXT NOT NULL DEFAULT 'audit';

-- CreateIndex
CREATE UNIQUE INDEX "saved_views_list_name_key" ON "saved_views"("list", "name");
