import { expect, test } from 'vitest';
import { refuse } from '#app/_doors/refuse.ts';
import { refuseEarly, wrongHost } from '#app/_doors/security.ts';

async function answerTo(url: string, refused: Parameters<typeof refuse>[2]) {
  const answer = { status: 0, headers: {} as Record<string, string>, body: '' };
  const response = {
    writeHead: (status: number, headers: Record<string, string>) => {
      answer.status = status;
      answer.headers = headers;
    },
    end: (body: string) => {
      answer.body = body;
    },
  };
  await refuse({ url }, response as unknown as Parameters<typeof refuse>[1], refused);
  return answer;
}

const chunked = { method: 'POST', headers: { 'transfer-encoding': 'chunked' } };

test.each([
  [
    'a body in chunks',
    refuseEarly({ ...chunked, url: '/api/v1/policies' }, 'https://x.example'),
    411,
    'length_required',
  ],
  [
    'a body that is too long',
    refuseEarly({ method: 'POST', url: '/api/v1/policies', headers: { 'content-length': '9999999' } }, ''),
    413,
    'too_large',
  ],
  ['another host', wrongHost('https://rekey.example.com'), 421, 'wrong_host'],
])(
  'under the API %s is refused with a problem document, as everything is there',
  async (_, refused, status, code) => {
    if (refused === null) {
      throw new Error('It was let through.');
    }
    const answer = await answerTo('/api/v1/policies', refused);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', connection: 'close' });
    const problem = JSON.parse(answer.body);
    expect(problem).toMatchObject({
      status,
      code,
      type: `urn:rekey:problem:${code}`,
      detail: refused.message,
    });
    expect(problem.instance).toBe(`urn:uuid:${answer.headers['x-request-id']}`);
  },
);

test('a page is refused with a line of text', async () => {
  const answer = await answerTo('/api/v1.5/x', wrongHost('https://rekey.example.com'));
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(answer.body).toBe(
    'This is not the address of this Rekey. Open https://rekey.example.com instead.\n',
  );
});
