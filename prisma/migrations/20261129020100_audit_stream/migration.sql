-- CreateTable
CREATE TABLE "audit_streams" (
    "collector" TEXT NOT NULL,
    "seq" BIGINT NOT NULL DEFAULT 0,
    "sent_at" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,
    "fence" BIGINT NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3) NOT NULL DEFAULT rekey_now(),

    CONSTRAINT "audit_streams_pkey" PRIMARY KEY ("collector")
);
