import { createHash } from 'node:crypto';
import type { Reply } from '#demo/reply.ts';
import type { ClientBehaviour } from '#demo/surfacescout/behaviour.ts';
import { Html, html } from '#demo/surfacescout/html.ts';
import type { Plaintext } from '#lib/plaintext.ts';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 46rem; padding: 1.5rem; }
header, .row { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; }
header { justify-content: space-between; border-bottom: 2px solid #0b7285; padding-bottom: .75rem; }
nav { margin: 1rem 0; }
section { border: 1px solid #8888; border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
h1 { font-size: 1.25rem; margin: 0; } h2 { margin: 0 0 .5rem; font-size: 1.125rem; } h3 { margin: 1rem 0 .25rem; font-size: 1rem; }
label { display: block; margin-top: .75rem; }
input { font: inherit; padding: .4rem .5rem; width: 100%; box-sizing: border-box; }
.row input { flex: 1 1 16rem; font-family: ui-monospace, monospace; }
button { font: inherit; padding: .4rem .9rem; cursor: pointer; }
dialog { max-width: 28rem; border: 1px solid #888; border-radius: .5rem; }
dialog::backdrop { background: #0008; }
[role=alert] { border-left: 4px solid #c92a2a; padding: .25rem .75rem; }
[role=status] { border-left: 4px solid #2b8a3e; padding: .25rem .75rem; }
`;

const SCRIPT = `
for (const button of document.querySelectorAll('[data-opens]'))
  button.addEventListener('click', () => document.getElementById(button.dataset.opens).showModal());
for (const button of document.querySelectorAll('[data-copies]'))
  button.addEventListener('click', async () => {
    const field = document.getElementById(button.dataset.copies);
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.textContent = 'Copied';
  });
`;

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(SCRIPT)}`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A new secret, to be shown once. */
export interface NewSecret {
  readonly clientId: string;
  readonly value: Plaintext;
}

export function signInPage(csrf: string, failed: boolean): Reply {
  return page(
    failed ? 401 : 200,
    html`<h2>Sign in</h2>
${failed ? html`<p role="alert">The email or the password is wrong. Check both and try again.</p>` : ''}
<form method="post" action="/app/sign-in">
<input type="hidden" name="csrf" value="${csrf}">
<label for="email">Email</label><input id="email" name="email" type="email" autocomplete="username" required>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required>
<p><button>Sign in</button></p>
</form>`,
  );
}

/** Every client with its *Rotate Secret* section; `shown` is written into its client's field. */
export function developerToolsPage(
  csrf: string,
  clients: readonly ClientBehaviour[],
  shown: NewSecret | null,
): Reply {
  const sections = clients.map((client) =>
    clientSection(csrf, client, shown?.clientId === client.clientId ? shown.value : null),
  );
  return page(
    200,
    html`<nav aria-label="Menu"><a href="/app/developer-tools" aria-current="page">Developer Tools</a></nav>
<form method="post" action="/app/sign-out"><input type="hidden" name="csrf" value="${csrf}"><button>Sign out</button></form>
${sections}`,
  );
}

export function refusedPage(): Reply {
  return page(
    403,
    html`<p role="alert">This form is no longer valid. Nothing was changed. <a href="/app">Open the page again</a> and repeat the step.</p>`,
  );
}

export function missingPage(): Reply {
  return page(404, html`<p>There is no such page. <a href="/app">Go to the start</a>.</p>`);
}

function clientSection(csrf: string, client: ClientBehaviour, secret: Plaintext | null): Html {
  const { clientId } = client;
  const ends = client.propagationSeconds === 0 ? 'at once' : `within ${client.propagationSeconds} seconds`;
  return html`<section aria-labelledby="name-${clientId}">
<h2 id="name-${clientId}">${clientId}</h2>
<label for="id-${clientId}">Client ID</label>
<div class="row"><input id="id-${clientId}" readonly value="${clientId}"></div>
${secretField(clientId, secret)}
<h3>Rotate Secret</h3>
<p>Makes a new client secret. The old one stops working ${ends}.</p>
<button type="button" data-opens="dialog-${clientId}">Rotate</button>
<dialog id="dialog-${clientId}" aria-labelledby="title-${clientId}">
<h2 id="title-${clientId}">Rotate the secret of ${clientId}?</h2>
<p>This action is immediate and cannot be reverted. The current secret stops working ${ends}.</p>
<div class="row">
<form method="dialog"><button>Cancel</button></form>
<form method="post" action="/app/developer-tools/${clientId}/rotate">
<input type="hidden" name="csrf" value="${csrf}"><button>Confirm</button>
</form>
</div>
</dialog>
</section>`;
}

function secretField(clientId: string, secret: Plaintext | null): Html {
  const id = `secret-${clientId}`;
  const label = html`<label for="${id}">Client Secret</label>`;
  if (!secret) {
    return html`${label}<div class="row"><input id="${id}" readonly value="" placeholder="Hidden. Rotate to get a new one."></div>`;
  }
  return html`${label}<div class="row"><input id="${id}" readonly autocomplete="off" value="${secret.expose()}"><button type="button" data-copies="${id}">Copy</button></div>
<p role="status">The secret was rotated. Copy it now: it is shown this once.</p>`;
}

function page(status: number, body: Html): Reply {
  const { markup } = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>SurfaceScout (sample)</title><style>${new Html(STYLE)}</style></head>
<body><header><h1>SurfaceScout (sample)</h1></header><main>${body}</main><script>${new Html(SCRIPT)}</script></body></html>`;
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': POLICY,
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  };
  return { status, headers, body: markup };
}
