import type { Collector } from '#core/evidence/collector.ts';
import { httpCollector } from '#core/evidence/collector-http.ts';
import { syslogCollector } from '#core/evidence/collector-syslog.ts';
import { env } from '#lib/env.ts';

/** Whom the environment names to stream the audit log to. */
export function listCollectors(): Collector[] {
  const {
    REKEY_AUDIT_STREAM: named,
    REKEY_AUDIT_STREAM_AUTHORIZATION: authorization,
    REKEY_AUDIT_STREAM_CA: ca,
    REKEY_URL,
  } = env();
  return named.map(({ name, url, port }) => {
    if (url.protocol === 'http:' || url.protocol === 'https:') {
      return httpCollector({ name, url, authorization, ca });
    }
    const tls = url.protocol === 'syslog+tls:' ? { ca } : null;
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    return syslogCollector({ name, host, port, tls, from: REKEY_URL.hostname });
  });
}
