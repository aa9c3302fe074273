import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, inject } from 'vitest';
import { db } from '#lib/db.ts';
import { copyTemplate, dropDatabase } from '#tests/support/database.ts';

/** Every file with a database gets one of its own, and the environment that leads to it. It is dropped in the end. */
const name = `test_${process.pid}_${Math.floor(performance.timeOrigin + performance.now()) % 1e9}`;
const dataDir = path.join(os.tmpdir(), `rekey-${name}`);
const key = (fill: number) => Buffer.alloc(32, fill).toString('base64');

beforeAll(async () => {
  Object.assign(process.env, {
    DATABASE_URL: await copyTemplate(inject('postgresUrl'), name),
    REKEY_DATA_DIR: dataDir,
    REKEY_URL: 'http://localhost:3000',
    REKEY_MASTER_KEYS: `m1:${key(1)}`,
    REKEY_FINGERPRINT_KEY: key(2),
    REKEY_SESSION_KEY: key(3),
    REKEY_TOKEN_KEY: key(5),
    REKEY_AUDIT_KEY: key(4),
    REKEY_ALLOW_HOSTS: '127.0.0.0/8',
    REKEY_LOG_LEVEL: 'silent',
  });
});

afterAll(async () => {
  await db().close();
  fs.rmSync(dataDir, { recursive: true, force: true });
  await dropDatabase(inject('postgresUrl'), name);
});
