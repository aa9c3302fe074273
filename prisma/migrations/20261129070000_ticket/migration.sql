-- Where the work of a rotation is written down, as its requester says.
ALTER TABLE "rotations" ADD COLUMN "ticket" TEXT;
