import { fill } from '#app/_components/fill.tsx';
import { Panel } from '#app/_components/panel.tsx';
import { curlExample as words } from '#app/_words/developer-tools.ts';

/** How a program gets a token and uses it, to be pasted into a shell. The secret comes from its environment. */
export function CurlExample({ origin, clientId }: { origin: string; clientId: string }) {
  const lines = [
    `TOKEN=$(curl --silent --user "${clientId}:$CLIENT_SECRET" \\`,
    `  --data grant_type=client_credentials ${origin}/oauth/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    `curl --header "Authorization: Bearer $TOKEN" ${origin}/api/v1/credentials`,
  ];
  return (
    <Panel title={words.title}>
      <p className="mb-3 text-sm text-quiet">
        {fill(words.about, {
          address: <code className="break-all">{`${origin}/.well-known/oauth-authorization-server`}</code>,
        })}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <pre tabIndex={0} className="overflow-x-auto rounded-md bg-raised p-3 font-mono text-sm">
        {lines.join('\n')}
      </pre>
    </Panel>
  );
}
