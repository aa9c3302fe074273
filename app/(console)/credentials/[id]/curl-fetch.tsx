/** How a consumer fetches, to be pasted into a shell. The token comes from its environment. */
export function CurlFetch({ origin, bindingId }: { origin: string; bindingId: string }) {
  const url = `${origin}/api/v1/bindings/${bindingId}`;
  return (
    <details>
      <summary className="cursor-pointer font-medium">How to fetch</summary>
      <p className="my-2 text-sm text-quiet">
        With a token of an API client that is allowed. The ETag names the version; with it as If-None-Match
        the answer waits for another one. Then report which one is used.
      </p>
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
