-- AlterTable
ALTER TABLE "api_clients" ADD COLUMN     "environments" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "labels" TEXT[] DEFAULT ARRAY[]::TEXT[];
