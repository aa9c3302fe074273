-- CreateTable
CREATE TABLE "binding_consumers" (
    "binding_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "allowed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "binding_consumers_pkey" PRIMARY KEY ("binding_id","client_id")
);

-- CreateTable
CREATE TABLE "served_versions" (
    "binding_id" UUID NOT NULL,
    "slot" TEXT NOT NULL,
    "version_id" UUID NOT NULL,
    "keys" TEXT[],
    "serving" BIGSERIAL NOT NULL,
    "served_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "served_versions_pkey" PRIMARY KEY ("binding_id","slot")
);

-- CreateTable
CREATE TABLE "secret_fetches" (
    "binding_id" UUID NOT NULL,
    "slot" TEXT NOT NULL,
    "version_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "serving" BIGINT NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "last_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "reported_serving" BIGINT,
    "reported_at" TIMESTAMPTZ(3),

    CONSTRAINT "secret_fetches_pkey" PRIMARY KEY ("binding_id","slot","version_id","client_id")
);

-- CreateIndex
CREATE INDEX "binding_consumers_client_id_idx" ON "binding_consumers"("client_id");

-- AddForeignKey
ALTER TABLE "binding_consumers" ADD CONSTRAINT "binding_consumers_binding_id_fkey" FOREIGN KEY ("binding_id") REFERENCES "bindings"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "binding_consumers" ADD CONSTRAINT "binding_consumers_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "api_clients"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
