import { createServer } from 'node:http';
import path from 'node:path';
import next from 'next';
import { serveCompressed } from '#app/_doors/compressed-files.ts';
import { createTokenEndpoint } from '#app/_doors/oauth.ts';
import { refuse } from '#app/_doors/refuse.ts';
import {
  contentSecurityPolicy,
  newNonce,
  refuseEarly,
  securityHeaders,
  wrongHost,
} from '#app/_doors/security.ts';
import { isAtRest } from '#core/backup/is-at-rest.ts';
import { clientAddress } from '#lib/client-address.ts';
import { db } from '#lib/db.ts';
import { requireSameVersion } from '#lib/db-version.ts';
import { env } from '#lib/env.ts';
import { loadKeys } from '#lib/keys.ts';
import { sayReady, tieToStarter } from '#lib/lifeline.ts';
import { log } from '#lib/log.ts';
import { markInUse } from '#lib/told-sockets.ts';

/* The web process: the token endpoint and Next's own request handler, behind checks of host, origin and length. */

await loadKeys(process.env);
const { REKEY_URL, REKEY_BIND, PORT, REKEY_TRUSTED_PROXIES } = env();
const dev = process.env.NODE_ENV === 'development';

// next-auth reads its own address from here.
process.env.NEXTAUTH_URL = REKEY_URL.origin;

await requireSameVersion(db().pool);
await isAtRest();

const built = path.resolve(import.meta.dirname, '../.next');
if (!dev) {
  // Files of an image belong to somebody else; nobody builds there.
  await markInUse(built, `${REKEY_URL.origin} (process ${process.pid})`).catch((error: unknown) =>
    log.debug({ err: error }, 'the build is not marked as in use'),
  );
}
const console_ = next({
  dev,
  dir: path.resolve(import.meta.dirname, '..'),
  hostname: REKEY_BIND,
  port: PORT,
});
await console_.prepare();
const handle = console_.getRequestHandler();
const tokenEndpoint = createTokenEndpoint();
const serveFile = serveCompressed(path.join(built, 'static'), '/_next/static/');

const isForMachines = (url: string) => url.startsWith('/health/') || url === '/metrics';

const server = createServer((request, response) => {
  const csp = contentSecurityPolicy(newNonce(), dev);
  for (const [name, value] of Object.entries(securityHeaders(csp, REKEY_URL.protocol === 'https:'))) {
    response.setHeader(name, value);
  }
  // Probes and scrapers name whatever host they like; everything else must name ours, or links and cookies go astray.
  const isElsewhere = request.headers.host !== REKEY_URL.host && !isForMachines(request.url ?? '');
  const refused = isElsewhere ? wrongHost(REKEY_URL.origin) : refuseEarly(request, REKEY_URL.origin);
  if (refused !== null) {
    void refuse(request, response, refused);
    return;
  }
  // Set here, over whatever the client sent: pages read where a person wanted to go, sign-in who knocks, and Next the nonce.
  request.headers['content-security-policy'] = csp;
  request.headers['x-rekey-path'] = request.url ?? '/';
  const forwardedFor = request.headers['x-forwarded-for'];
  request.headers['x-real-ip'] = clientAddress(
    request.socket.remoteAddress,
    Array.isArray(forwardedFor) ? forwardedFor.join(',') : forwardedFor,
    REKEY_TRUSTED_PROXIES,
  );
  if (tokenEndpoint.serves(request)) {
    tokenEndpoint.handle(request, response);
    return;
  }
  if (!serveFile(request, response)) {
    handle(request, response);
  }
});

await new Promise<void>((resolve, reject) => {
  server.once('error', reject);
  server.listen(PORT, REKEY_BIND, resolve);
});

tieToStarter(async () => {
  server.close();
  // Progress streams would hold the server open for as long as somebody watches.
  server.closeAllConnections();
  await db().close();
});
log.info({ url: REKEY_URL.origin }, 'web ready');
sayReady();
