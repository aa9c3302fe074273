/** Plain HTTP with a cookie and the csrf token of the last page, following redirects. */
export function aBrowser(url: string) {
  let cookie = '';
  let csrf = '';
  const go = async (path: string, init: RequestInit = {}): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${url}${path}`, { ...init, headers: { cookie }, redirect: 'manual' });
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    const location = response.headers.get('location');
    if (location) return go(location);
    const text = await response.text();
    csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? csrf;
    return { status: response.status, text };
  };
  return {
    cookie: () => cookie,
    open: (path: string) => go(path),
    submit: (path: string, fields: Record<string, string> = {}) =>
      go(path, { method: 'POST', body: new URLSearchParams({ csrf, ...fields }) }),
  };
}
