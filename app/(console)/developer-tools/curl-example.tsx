import { Panel } from '#app/_components/panel.tsx';

/** How a program gets a token and uses it, to be pasted into a shell. The secret comes from its environment. */
export function CurlExample({ origin, clientId }: { origin: string; clientId: string }) {
  const lines = [
    `TOKEN=$(curl --silent --user "${clientId}:$CLIENT_SECRET" \\`,
    `  --data grant_type=client_credentials ${origin}/oauth/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    `curl --header "Authorization: Bearer $TOKEN" ${origin}/api/v1/credentials`,
  ];
  return (
    <Panel title="Get a token and use it">
      <p className="mb-3 text-sm text-quiet">
        Any OAuth 2.0 client library finds what it needs at{' '}
        <code className="break-all">{origin}/.well-known/oauth-authorization-server</code>. By hand:
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <pre tabIndex={0} className="overflow-x-auto rounded-md bg-raised p-3 font-mono text-sm">
        {lines.join('\n')}
      </pre>
    </Panel>
  );
}
