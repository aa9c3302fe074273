-- The name of an issuer or a target is free again once that is archived.
DROP INDEX "issuers_name_key";
DROP INDEX "targets_name_key";
create unique index issuers_one_live_name on issuers (name) where archived_at is null;
create unique index targets_one_live_name on targets (name) where archived_at is null;
