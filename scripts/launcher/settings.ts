import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** What a data folder keeps between starts: keys made once, and the ports used last time. */
export interface Settings {
  postgresPassword: string;
  masterKeys: string;
  fingerprintKey: string;
  sessionKey: string;
  tokenKey: string;
  auditKey: string;
  sampleToken: string;
  samplePassword: string;
  webhookSecret: string;
  ports: Record<string, number>;
}

const fileOf = (directory: string) => path.join(directory, 'keys.json');

function fresh(): Settings {
  const key = () => randomBytes(32).toString('base64');
  return {
    postgresPassword: randomBytes(24).toString('base64url'),
    masterKeys: `m1:${key()}`,
    fingerprintKey: key(),
    sessionKey: key(),
    tokenKey: key(),
    auditKey: key(),
    sampleToken: randomBytes(24).toString('base64url'),
    samplePassword: randomBytes(9).toString('base64url'),
    webhookSecret: `whsec_${randomBytes(24).toString('base64')}`,
    ports: {},
  };
}

/** Writes the settings whole or not at all, readable by the owner only. */
export function saveSettings(directory: string, settings: Settings): void {
  const temporary = `${fileOf(directory)}.new`;
  fs.writeFileSync(temporary, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(temporary, fileOf(directory));
}

const lasting = ['postgresPassword', 'masterKeys', 'fingerprintKey', 'sessionKey'] as const;

function readSettings(file: string): Partial<Settings> | null {
  try {
    const read = JSON.parse(fs.readFileSync(file, 'utf8')) as Partial<Settings>;
    return lasting.every((name) => typeof read[name] === 'string') ? read : null;
  } catch {
    return null;
  }
}

/**
 * Reads a data folder's settings; makes new keys only when there are none, and adds what an older version did not
 * have. A damaged file is never replaced: what its keys have sealed would be lost.
 */
export function loadSettings(directory: string): Settings {
  const file = fileOf(directory);
  if (fs.existsSync(file)) {
    const read = readSettings(file);
    if (read === null) {
      throw new Error(
        `${file} is damaged: the keys in it cannot be read. Put back a copy of it and start again; nothing was changed.`,
      );
    }
    return { ...fresh(), ...read };
  }
  const settings = fresh();
  saveSettings(directory, settings);
  return settings;
}
