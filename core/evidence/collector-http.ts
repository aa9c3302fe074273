import type { Collector, SealedEvent } from '#core/evidence/collector.ts';
import { httpWith } from '#core/outside/guarded-http.ts';
import type { Plaintext } from '#lib/plaintext.ts';

export interface HttpPlace {
  readonly name: string;
  readonly url: URL;
  readonly authorization: Plaintext | undefined;
  /** The authority to trust, in PEM, where it is a private one. */
  readonly ca: string | undefined;
}

/** As in an export, with the place in front; the body is byte for byte what the leaf is of, and stands last. */
const lineOf = ({ seq, id, leaf, body }: SealedEvent) =>
  `{"seq":${seq},"id":"${id}","leaf":"${leaf}","body":${body}}\n`;

/** A receiver of JSON lines: what it answers with 2xx it has taken. */
export function httpCollector({ name, url, authorization, ca }: HttpPlace): Collector {
  return {
    name,
    send: async (events, signal) => {
      const { status } = await httpWith(ca === undefined ? null : { ca })
        .withSignal(signal)
        .request({
          method: 'POST',
          url: url.href,
          headers: {
            'content-type': 'application/x-ndjson',
            ...(authorization === undefined ? {} : { authorization: authorization.expose() }),
          },
          body: events.map(lineOf).join(''),
        });
      if (status < 200 || status > 299) throw new Error(`It answered ${status}.`);
    },
  };
}
