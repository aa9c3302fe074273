import type { NextRequest } from 'next/server';
import { findActor } from '#app/_doors/current-actor.ts';
import { refuse, signedOut } from '#app/_doors/reply.ts';
import { verifyRefusals } from '#app/_words/audit.ts';
import type { Frame } from '#app/(console)/audit/verify/frames.ts';
import type { Progress, Verification } from '#core/evidence/verification.ts';
import { verifyAudit } from '#core/evidence/verify-audit.ts';
import { env } from '#lib/env.ts';
import { log } from '#lib/log.ts';
import { Problem } from '#lib/problem.ts';

const headers = {
  'content-type': 'application/x-ndjson; charset=utf-8',
  // `no-transform`: compression would hold lines back until its buffer is full.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

const SHOW_EVERY_MS = 200;

/** Progress now and then, and the result, each as a line of JSON. Whoever leaves ends the verification. */
function toLines(run: AsyncGenerator<Progress, Verification>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let shownAt = 0;
  async function nextFrame(): Promise<Frame> {
    for (;;) {
      const { done, value } = await run.next();
      if (done === true) return { found: value };
      if (performance.now() - shownAt >= SHOW_EVERY_MS) return { progress: value };
    }
  }
  return new ReadableStream({
    pull: async (controller) => {
      const frame = await nextFrame().catch((error: unknown): Frame => {
        log.error({ err: error }, 'a verification of the audit log failed');
        return { problem: verifyRefusals.failed };
      });
      shownAt = performance.now();
      controller.enqueue(encoder.encode(`${JSON.stringify(frame)}\n`));
      if (!('progress' in frame)) controller.close();
    },
    cancel: async () => {
      await run.return(undefined as never);
    },
  });
}

/** Verifies the audit log for who is signed in. */
export async function POST(request: NextRequest) {
  const actor = await findActor();
  if (actor === null) {
    return signedOut();
  }
  if (request.headers.get('origin') !== env().REKEY_URL.origin) {
    return refuse(403, 'foreign_page', verifyRefusals.foreignPage);
  }
  try {
    return new Response(toLines(await verifyAudit(actor, {})), { headers });
  } catch (error) {
    if (error instanceof Problem) {
      return refuse(error.status, error.code, error.message);
    }
    throw error;
  }
}
