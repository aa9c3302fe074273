import { expect, test } from 'vitest';
import { html } from '#demo/surfacescout/html.ts';

test('a value put into markup cannot become markup or leave its attribute', () => {
  const value = `"><script>alert('x')</script>&`;
  const { markup } = html`<input value="${value}">`;
  expect(markup).toBe('<input value="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;">');
});

test('markup put into markup stays as it is', () => {
  expect(html`<ul>${[html`<li>${1}</li>`, html`<li>${'<'}</li>`]}</ul>`.markup).toBe(
    '<ul><li>1</li><li>&lt;</li></ul>',
  );
});
