import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { system } from '#core/access/actor.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { startSurfaceScout } from '#demo/surfacescout/start.ts';
import { type Ended, startRemote } from '#tests/support/remote.ts';

/* An empty installation, the rekey command as its admin, and the vendor of docs/as-code.md with the clients fleet-api and second. */

const behaviour = { readBack: false, list: true, propagationSeconds: 0, hasApi: true, chosenValue: false };

/** Starts it. What is applied is in `folder`, where the env files are, too. */
export async function startAsCode() {
  const adminToken = 'canary-admin-token-77';
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-apply-'));
  const file = path.join(folder, 'rekey.yml');
  process.env.REKEY_FILE_ROOTS = folder;
  process.env.REKEY_DATA_DIR = path.join(folder, 'no-data-here');
  const remote = await startRemote();
  const clientIds = ['fleet-api', 'second'];
  const scout = await startSurfaceScout({
    port: 0,
    statePath: path.join(folder, 'scout.json'),
    adminToken,
    webUser: { email: 'ops@example.test', password: 'sample-password' },
    clients: clientIds.map((clientId) => ({ ...behaviour, clientId, maxLive: 2 as const })),
  });
  /** What no answer may hold. */
  const secrets = [adminToken];
  fs.mkdirSync(path.join(folder, 'secrets'));
  for (const clientId of clientIds) {
    const answer = await fetch(`${scout.url}/admin/clients/${clientId}/first-secret`, {
      headers: { authorization: `Bearer ${adminToken}` },
    });
    const { clientSecret } = z.object({ clientSecret: z.string() }).parse(await answer.json());
    fs.writeFileSync(path.join(folder, 'secrets', clientId), `${clientSecret}\n`);
    secrets.push(clientSecret);
  }
  const made = await createApiClient(system('test'), { name: 'as code', role: 'admin' });
  const client = {
    REKEY_API_URL: remote.url,
    REKEY_CLIENT_ID: made.id,
    REKEY_CLIENT_SECRET: made.secret?.expose() ?? '',
  };
  fs.writeFileSync(path.join(folder, '.env'), 'LOG_LEVEL=info\n');

  async function rekey(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    const ended = await remote.rekey(args, { ...client, ...env });
    for (const secret of secrets) expect(`${ended.said}${ended.complained}`).not.toContain(secret);
    return ended;
  }

  return {
    folder,
    file,
    scout,
    secrets,
    adminToken,
    /** The file that docs/as-code.md shows, with the addresses of this test. */
    documented(): string {
      const page = fs.readFileSync('docs/as-code.md', 'utf8');
      const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
      return text
        .replace('https://scout.example.com', scout.url)
        .replace('/srv/fleet/.env', path.join(folder, '.env'));
    },
    apply(text: string, args: readonly string[] = [], env: Record<string, string> = {}): Promise<Ended> {
      fs.writeFileSync(file, text);
      return rekey(['apply', '-f', file, ...args], { SCOUT_ADMIN_TOKEN: adminToken, ...env });
    },
    fromServer: () => rekey(['apply', '--from-server']),
    async close(): Promise<void> {
      await remote.close();
      await scout.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type AsCode = Awaited<ReturnType<typeof startAsCode>>;
