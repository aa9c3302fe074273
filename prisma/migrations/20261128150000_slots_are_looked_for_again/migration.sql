-- AlterTable
ALTER TABLE "policy_assignments" ADD COLUMN     "fill_at" TIMESTAMPTZ(3);

-- A slot that could not be planned was called so whatever the reason was.
update "skips" set "reason" = 'unplannable' where "reason" = 'issuer_unhealthy';
