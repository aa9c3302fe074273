import { curlFetch as words } from '#app/_words/credential.ts';

/** How a consumer fetches, to be pasted into a shell. The token comes from its environment. */
export function CurlFetch({ origin, bindingId }: { origin: string; bindingId: string }) {
  const url = `${origin}/api/v1/bindings/${bindingId}`;
  return (
    <details>
      <summary className="cursor-pointer font-medium">{words.title}</summary>
      <p className="my-2 text-sm text-quiet">{words.about}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <pre tabIndex={0} className="overflow-x-auto rounded-md bg-raised p-3 font-mono text-sm">
        {[
          `curl --header "Authorization: Bearer $TOKEN" '${url}/secret?wait=30'`,
          `curl --header "Authorization: Bearer $TOKEN" --json '{"version":"…"}' ${url}/reports`,
        ].join('\n')}
      </pre>
    </details>
  );
}
