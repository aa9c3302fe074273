import { log } from '#lib/log.ts';

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  // `no-transform`: compression would hold frames back until its buffer is full.
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

function toStream(frames: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let watched = true;
  return new ReadableStream({
    pull: async (controller) => {
      const frame = await frames.next().catch((error: unknown) => {
        // The browser asks again and names what it has seen.
        log.error({ err: error }, 'a progress stream failed');
        return { done: true, value: undefined };
      });
      if (watched && frame.value !== undefined) {
        controller.enqueue(encoder.encode(frame.value));
      } else if (watched) {
        controller.close();
      }
    },
    cancel: async () => {
      watched = false;
      await frames.return(undefined);
    },
  });
}

/** Answers frames as server-sent events, for as long as somebody reads them. */
export const eventStream = (frames: AsyncGenerator<string>) => new Response(toStream(frames), { headers });
