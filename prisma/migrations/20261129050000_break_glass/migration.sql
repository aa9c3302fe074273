-- CreateTable
CREATE TABLE "glass_breaks" (
    "id" UUID NOT NULL,
    "rotation_id" UUID NOT NULL,
    "credential_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "requested_by" JSONB NOT NULL,
    "reason" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),
    "until" TIMESTAMPTZ(3) NOT NULL,
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "refused_because" TEXT,
    "conclusion" TEXT,
    "reviewed_by" TEXT,
    "reviewed_at" TIMESTAMPTZ(3),

    CONSTRAINT "glass_breaks_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "glass_breaks_rotation_id_idx" ON "glass_breaks"("rotation_id");

-- CreateIndex
CREATE INDEX "glass_breaks_credential_id_idx" ON "glass_breaks"("credential_id");

-- AddForeignKey
ALTER TABLE "glass_breaks" ADD CONSTRAINT "glass_breaks_rotation_id_fkey" FOREIGN KEY ("rotation_id") REFERENCES "rotations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "glass_breaks" ADD CONSTRAINT "glass_breaks_credential_id_fkey" FOREIGN KEY ("credential_id") REFERENCES "credentials"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- One that was refused or has expired may be asked for again; what is asked for or done is there once.
CREATE UNIQUE INDEX "glass_breaks_open" ON "glass_breaks"("rotation_id") WHERE state IN ('asked', 'broken');

-- The reviews that wait for a conclusion, which the overview counts.
CREATE INDEX "glass_breaks_unreviewed" ON "glass_breaks"("decided_at") WHERE state = 'broken' AND conclusion IS NULL;
