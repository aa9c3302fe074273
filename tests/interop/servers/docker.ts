import { connect } from 'node:tls';
import { until } from '#tests/interop/servers/binaries.ts';
import { NotHere } from '#tests/interop/servers.ts';

/** Where the servers of docker/interop.yml listen on 127.0.0.1, by the name of their service without `interop-`. */
export const dockerPorts = {
  redis: 16379,
  mariadb: 13306,
  mysql: 13307,
  slapd: 10389,
  keycloak: 18080,
  openbao: 18200,
  moto: 15000,
  kubernetes: 16443,
} as const;

/** The port of slapd for TLS from the first byte. */
export const SLAPD_TLS_PORT = 10636;

/** Whether the run uses the servers of docker/interop.yml instead of starting its own: `REKEY_INTEROP=docker`. */
export function inDocker(): boolean {
  return process.env.REKEY_INTEROP === 'docker';
}

/** Waits for a server that Compose has started. Throws `NotHere` where there is none. */
export async function reached(name: keyof typeof dockerPorts, ask: () => Promise<unknown>): Promise<void> {
  try {
    await until(`an answer of ${name}`, ask);
  } catch {
    throw new NotHere(`nothing answers at 127.0.0.1:${dockerPorts[name]}: start docker/interop.yml`);
  }
}

/** The certificate that a server of 127.0.0.1 shows, which signs itself, in PEM. */
export function certificateAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate();
      socket.destroy();
      const lines = raw.toString('base64').replaceAll(/.{64}/g, '$&\n').trim();
      resolve(`-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`);
    });
    socket.on('error', reject);
  });
}

/** Compose ends them, not the tests. */
export const stays = async () => {};
