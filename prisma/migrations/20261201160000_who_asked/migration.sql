-- Who chose the time of a slot counts as having asked for its rotation, and so do the people who could sign in as the API client
-- that asked. Nobody is known for what was there before, but who made an API client.

-- AlterTable
ALTER TABLE "api_client_secrets" ADD COLUMN     "made_by" JSONB;

-- AlterTable
ALTER TABLE "api_clients" ADD COLUMN     "keys_by" JSONB;

-- AlterTable
ALTER TABLE "policy_assignments" ADD COLUMN     "chosen_by" JSONB;

-- AlterTable
ALTER TABLE "rotations" ADD COLUMN     "chosen_by" JSONB;
