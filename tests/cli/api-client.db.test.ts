import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import { system } from '#core/access/actor.ts';
import { checkClientSecret } from '#core/clients/check-client-secret.ts';
import { db } from '#lib/db.ts';

/* The rekey command itself, in a process of its own. */

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function create(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const command = ['cli/rekey.mjs', 'api-client', 'create', ...args];
    execFile(process.execPath, command, { env: process.env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

test('api-client create --json prints an id and a secret that works, and nothing else', async () => {
  const { code, stdout } = await create('--name', 'deploy-bot', '--role', 'operator', '--json');
  expect(code).toBe(0);
  const printed = JSON.parse(stdout) as { client_id: string; client_secret: string };
  expect(Object.keys(printed)).toEqual(['client_id', 'client_secret']);
  const wish = { clientId: printed.client_id, secret: printed.client_secret };
  expect(await checkClientSecret(system('test'), wish)).toBe(true);
  const client = await db().prisma.apiClient.findUniqueOrThrow({ where: { id: printed.client_id } });
  expect(client).toMatchObject({ name: 'deploy-bot', role: 'operator', createdBy: { name: 'command line' } });
});

test('api-client create takes limits, several of each', async () => {
  const limits = ['--environment', 'production', '--environment', 'staging', '--label', 'payments'];
  const { code } = await create('--name', 'limited', '--role', 'operator', ...limits, '--json');
  expect(code).toBe(0);
  const client = await db().prisma.apiClient.findFirstOrThrow({ where: { name: 'limited' } });
  expect(client).toMatchObject({ environments: ['production', 'staging'], labels: ['payments'] });
  const admin = await create('--name', 'boss', '--role', 'admin', '--label', 'payments');
  expect(admin.stderr).toContain('An admin cannot be limited.');
});

test('a name that is taken is refused, and the client that has it stays as it is', async () => {
  await create('--name', 'nightly', '--role', 'viewer', '--json');
  const before = await db().prisma.apiClient.findMany({ include: { secrets: true } });
  const { code, stdout, stderr } = await create('--name', 'nightly', '--role', 'admin', '--json');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('There is already an API client called nightly. Nothing was changed');
  expect(await db().prisma.apiClient.findMany({ include: { secrets: true } })).toEqual(before);
});

test('without a name or with an unknown role it says what it takes', async () => {
  for (const args of [
    ['--role', 'admin'],
    ['--name', 'x', '--role', 'emperor'],
  ]) {
    const { code, stderr } = await create(...args);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'It takes --name and --role, one of viewer, auditor, operator, approver, admin.',
    );
  }
});
