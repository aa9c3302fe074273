import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { anything, askAws } from '#connectors/aws.ts';
import { awsFields, type Service } from '#connectors/aws-sign-in.ts';
import { callWith } from '#tests/support/call.ts';
import type { RunningServer } from '../servers.ts';
import { ended, findProgram, freePort, until } from './binaries.ts';
import { dockerPorts, inDocker, reached, stays } from './docker.ts';

const parsed = z.object(awsFields);
const HOW = "python3 -m venv that folder, and its bin/pip install 'moto[server]==5.2.5'";

export interface Moto extends RunningServer {
  /** The sign-in of an identity that may do everything, as config fields. */
  readonly config: { region: string; accessKeyId: string; secretAccessKey: string; endpoint: string };
  /** Asks an API as that identity. */
  ask<S extends z.ZodType>(
    service: Service,
    action: string,
    body: Record<string, unknown>,
    schema: S,
  ): Promise<z.output<S>>;
}

/**
 * moto in server mode: the AWS APIs in one process, without any AWS. Signatures and policies are checked from the moment
 * an administrator is there (https://docs.getmoto.org/en/latest/docs/iam.html), so that a dead key is really refused.
 */
export async function startMoto(): Promise<Moto> {
  if (inDocker()) return motoInDocker();
  const program = findProgram('moto_server', 'moto', HOW);
  const version = versionOf(program);
  const port = await freePort();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-moto-'));
  const child = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], { cwd: folder, stdio: 'ignore' });
  const stop = async () => {
    await ended(child);
    fs.rmSync(folder, { recursive: true, force: true });
  };
  try {
    const endpoint = `http://127.0.0.1:${port}`;
    const answers = async () => (await fetch(`${endpoint}/moto-api/data.json`)).ok;
    await until('the start of moto_server', answers, child);
    const config = await makeAdministrator(endpoint);
    return { version: `moto ${version}`, stop, config, ask: askAs(config) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The server of docker/interop.yml, as new: several suites use it, one after the other. */
async function motoInDocker(): Promise<Moto> {
  const endpoint = `http://127.0.0.1:${dockerPorts.moto}`;
  await reached('moto', async () => (await fetch(`${endpoint}/moto-api/data.json`)).ok);
  await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' });
  await fetch(`${endpoint}/moto-api/reset-auth`, { method: 'POST', body: 'inf' });
  const config = await makeAdministrator(endpoint);
  return { version: 'moto in Docker', stop: stays, config, ask: askAs(config) };
}

function versionOf(program: string): string {
  const python = path.join(path.dirname(program), 'python3');
  const script = 'import importlib.metadata as m; print(m.version("moto"))';
  return execFileSync(fs.existsSync(python) ? python : 'python3', ['-c', script], {
    encoding: 'utf8',
  }).trim();
}

async function makeAdministrator(endpoint: string): Promise<Moto['config']> {
  const anybody = {
    region: 'eu-central-1',
    accessKeyId: 'AKIA0000000000000001',
    secretAccessKey: 'any',
    endpoint,
  };
  const ask = askAs(anybody);
  const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  await ask('iam', 'CreateUser', { UserName: 'rekey' }, anything);
  const body = { UserName: 'rekey', PolicyName: 'all', PolicyDocument: JSON.stringify(policy) };
  await ask('iam', 'PutUserPolicy', body, anything);
  const key = await makeKey(ask, 'rekey');
  const response = await fetch(`${endpoint}/moto-api/reset-auth`, { method: 'POST', body: '0' });
  if (!response.ok) throw new Error('moto does not check signatures');
  return { ...anybody, ...key };
}

const made = z.object({
  CreateAccessKeyResponse: z.object({
    CreateAccessKeyResult: z.object({
      AccessKey: z.object({ AccessKeyId: z.string(), SecretAccessKey: z.string() }),
    }),
  }),
});

/** An access key of a user, made as an operator would. */
export async function makeKey(
  ask: Moto['ask'],
  userName: string,
): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  const answer = await ask('iam', 'CreateAccessKey', { UserName: userName }, made);
  const { AccessKeyId, SecretAccessKey } = answer.CreateAccessKeyResponse.CreateAccessKeyResult.AccessKey;
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
}

function askAs(config: Moto['config']): Moto['ask'] {
  const call = callWith(parsed.parse(config), {});
  return (service, action, body, schema) =>
    askAws(call, { service, action, body, schema, what: `Asking for ${action}` });
}
