import fs from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { serveCompressed } from '#app/_doors/compressed-files.ts';
import { compressScripts } from '#scripts/launcher/compress.ts';
import { scratchFolder } from '#tests/support/folder.ts';

const script = 'console.log("a sample script");\n'.repeat(50);

async function built() {
  const folder = scratchFolder();
  fs.mkdirSync(path.join(folder, 'chunks'));
  fs.writeFileSync(path.join(folder, 'chunks/page-1a2b.js'), script);
  fs.writeFileSync(path.join(folder, 'chunks/page-1a2b.css'), 'a{color:red}');
  fs.writeFileSync(path.join(folder, 'secret.txt'), 'not a script');
  await compressScripts(folder);
  return serveCompressed(folder, '/_next/static/');
}

/** What is answered to a request; null where it is left to somebody else. */
function ask(
  serve: ReturnType<typeof serveCompressed>,
  url: string,
  accepted = 'gzip, deflate, br, zstd',
  method = 'GET',
) {
  const answer: { told: Record<string, unknown>; body: Buffer | undefined } = { told: {}, body: undefined };
  const response = {
    writeHead: (status: number, headers: object) => {
      answer.told = { status, ...headers };
    },
    end: (bytes?: Buffer) => {
      answer.body = bytes;
    },
  };
  const request = { method, url, headers: { 'accept-encoding': accepted } };
  return serve(request, response as unknown as Parameters<typeof serve>[1]) ? answer : null;
}

describe('scripts and styles that the build compressed', () => {
  test('are what was built, for good, and compressed', async () => {
    const serve = await built();
    const answer = ask(serve, '/_next/static/chunks/page-1a2b.js');
    expect(brotliDecompressSync(answer?.body ?? Buffer.alloc(0)).toString()).toBe(script);
    expect(answer?.told).toEqual({
      status: 200,
      'content-type': 'application/javascript; charset=utf-8',
      'content-encoding': 'br',
      'content-length': answer?.body?.length,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
    expect(ask(serve, '/_next/static/chunks/page-1a2b.css')?.told).toMatchObject({
      'content-type': 'text/css; charset=utf-8',
    });
  });

  test.each(['gzip', '', 'br;q=0', 'gzip, br;q=0.0', 'brotli'])(
    'are left to Next for who takes %j',
    async (accepted) => {
      expect(ask(await built(), '/_next/static/chunks/page-1a2b.js', accepted)).toBeNull();
    },
  );

  test.each(['br', 'gzip,br', 'br;q=0.5, gzip', 'gzip;q=1.0, br;q=1'])(
    'are given to who takes %j',
    async (accepted) => {
      expect(ask(await built(), '/_next/static/chunks/page-1a2b.js', accepted)).not.toBeNull();
    },
  );

  test('a question about the answer has the same head and no body', async () => {
    const answer = ask(await built(), '/_next/static/chunks/page-1a2b.js', 'br', 'HEAD');
    expect(answer?.told['content-encoding']).toBe('br');
    expect(answer?.body).toBeUndefined();
  });

  test('nothing else is served, whatever the address looks like', async () => {
    const serve = await built();
    for (const url of [
      '/_next/static/secret.txt',
      '/_next/static/chunks/page-1a2b.js.br',
      '/_next/static/../static/chunks/page-1a2b.js',
      '/_next/static/chunks/page-1a2b.js?x',
      '/overview',
    ]) {
      expect(ask(serve, url)).toBeNull();
    }
    expect(ask(serve, '/_next/static/chunks/page-1a2b.js', 'br', 'POST')).toBeNull();
  });

  test('a console that was not built has none', () => {
    expect(ask(serveCompressed('/nowhere/at/all', '/_next/static/'), '/_next/static/chunks/a.js')).toBeNull();
  });
});
