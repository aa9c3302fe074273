import { randomBytes } from 'node:crypto';
import type { RefusedEarly } from '#app/_doors/refuse.ts';
import { refusedEarly } from '#app/_words/doors.ts';

/** Room for an import of many credentials at once; Next has its own limit for actions. */
export const BODY_LIMIT = 1024 * 1024;

/** Doors for programs: they carry a token and no cookie, so that no page can make a browser ask there in somebody's name. */
const forPrograms = ['/api/v1/', '/oauth/'];

export const newNonce = () => randomBytes(16).toString('base64');

/**
 * Where a page may load from and send to. Scripts run only with this answer's nonce; Next reads it from here and puts it on its
 * own. Styles are ours or inline: elements that are placed by measuring carry theirs as attributes.
 */
export function contentSecurityPolicy(nonce: string, dev: boolean): string {
  // In development React rebuilds the server's stacks with eval, and changes come over a socket.
  const script = `'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`;
  return [
    `default-src 'self'`,
    `script-src ${script}`,
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' data:`,
    `connect-src 'self'${dev ? ' ws:' : ''}`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ');
}

/** What every answer says beside its own headers. */
export function securityHeaders(csp: string, isHttps: boolean): Record<string, string> {
  return {
    'content-security-policy': csp,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    ...(isHttps ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
}

interface Asked {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const safe = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Why a request is refused before anything reads it: a body that is too long or does not say how long it is, and a change that
 * another site's page sends. A browser says where a page is from with every change; what carries a cookie has to say so.
 */
export function refuseEarly(
  { method = 'GET', url = '/', headers }: Asked,
  origin: string,
): RefusedEarly | null {
  if (headers['transfer-encoding'] !== undefined) {
    return { status: 411, code: 'length_required', message: refusedEarly.lengthMissing };
  }
  if (Number(headers['content-length'] ?? 0) > BODY_LIMIT) {
    return { status: 413, code: 'too_large', message: refusedEarly.tooLong(BODY_LIMIT) };
  }
  const asksChange = !safe.includes(method) && !forPrograms.some((door) => url.startsWith(door));
  const from = headers.origin;
  if (asksChange && from !== origin && (from !== undefined || headers.cookie !== undefined)) {
    return { status: 403, code: 'foreign_site', message: refusedEarly.foreignSite };
  }
  return null;
}

/** What a request is told that names another host than ours. */
export const wrongHost = (origin: string): RefusedEarly => ({
  status: 421,
  code: 'wrong_host',
  message: refusedEarly.wrongHost(origin),
});
