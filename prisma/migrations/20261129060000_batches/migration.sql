-- CreateTable
CREATE TABLE "batches" (
    "id" UUID NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'running',
    "max_concurrency" INTEGER NOT NULL,
    "stop_on_failure" BOOLEAN NOT NULL,
    "grace_seconds" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "list_digest" TEXT NOT NULL,
    "started_by" JSONB NOT NULL,
    "stop_why" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "batches_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "batch_members" (
    "batch_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "credential_id" UUID NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "rotation_id" UUID,
    "why_code" TEXT,
    "excused" BOOLEAN NOT NULL DEFAULT false,
    "expected_seconds" INTEGER NOT NULL,

    CONSTRAINT "batch_members_pkey" PRIMARY KEY ("batch_id","position")
);

-- CreateIndex
CREATE UNIQUE INDEX "batch_members_rotation_id_key" ON "batch_members"("rotation_id");

-- CreateIndex
CREATE INDEX "batch_members_credential_id_idx" ON "batch_members"("credential_id");

-- CreateIndex
CREATE UNIQUE INDEX "batch_members_batch_id_credential_id_key" ON "batch_members"("batch_id", "credential_id");

-- AddForeignKey
ALTER TABLE "batch_members" ADD CONSTRAINT "batch_members_batch_id_fkey" FOREIGN KEY ("batch_id") REFERENCES "batches"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "batch_members" ADD CONSTRAINT "batch_members_credential_id_fkey" FOREIGN KEY ("credential_id") REFERENCES "credentials"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "batch_members" ADD CONSTRAINT "batch_members_rotation_id_fkey" FOREIGN KEY ("rotation_id") REFERENCES "rotations"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- The sweep asks every half second for the batches that run; those that have ended do not slow it.
CREATE INDEX "batches_running" ON "batches"("created_at") WHERE state = 'running';
-- A person's batches are found by what still waits.
CREATE INDEX "batch_members_waiting" ON "batch_members"("credential_id") WHERE state = 'waiting';
