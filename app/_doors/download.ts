import { log } from '#lib/log.ts';

/** A name that every file system takes, whatever things are called. */
const fileName = (name: string) => name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 100);

/**
 * Answers parts as a file to save, each asked for when the one before was taken. Parts that fail break the download off,
 * so that the browser calls it failed; it is never taken for whole.
 */
export function download(name: string, type: string, parts: AsyncGenerator<string | Uint8Array>): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const { done, value } = await parts.next();
        if (done) {
          controller.close();
        } else {
          controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
        }
      } catch (error) {
        log.error({ err: error }, 'a download broke off');
        controller.error(error);
      }
    },
    cancel: async () => {
      await parts.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="${fileName(name)}"`,
      'cache-control': 'no-store, no-transform',
      'x-content-type-options': 'nosniff',
    },
  });
}
