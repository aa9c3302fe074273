-- CreateTable
CREATE TABLE "api_clients" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "jwks" JSONB,
    "created_by" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_clients_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_client_secrets" (
    "id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "hint" TEXT NOT NULL,
    "tag" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_client_secrets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "token_refusals" (
    "id" BIGSERIAL NOT NULL,
    "client_id" UUID NOT NULL,
    "address" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "token_refusals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "used_assertions" (
    "id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "used_assertions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "api_client_secrets_hash_key" ON "api_client_secrets"("hash");

-- CreateIndex
CREATE INDEX "api_client_secrets_client_id_idx" ON "api_client_secrets"("client_id");

-- CreateIndex
CREATE INDEX "token_refusals_client_id_address_at_idx" ON "token_refusals"("client_id", "address", "at");

-- CreateIndex
CREATE INDEX "token_refusals_at_idx" ON "token_refusals"("at");

-- CreateIndex
CREATE INDEX "used_assertions_expires_at_idx" ON "used_assertions"("expires_at");

-- AddForeignKey
ALTER TABLE "api_client_secrets" ADD CONSTRAINT "api_client_secrets_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "api_clients"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A name is free again once its client is revoked.
create unique index api_clients_one_live_name on api_clients (name) where revoked_at is null;
