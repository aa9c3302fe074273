import { z } from 'zod';
import { secretText } from '#connectors/contract.ts';
import { Plaintext } from '#lib/plaintext.ts';

const pem = (title: string, description: string) =>
  z
    .string()
    .regex(/-----BEGIN [A-Z ]+-----/, 'Paste it in PEM form, beginning with -----BEGIN.')
    .optional()
    .meta({ title, description, lines: true, rare: true });

/** Config fields of a connector to systems that people run themselves: a private authority, a client certificate. */
export const tlsFields = {
  ca: pem('Certificate authority', 'In PEM. Only where the system has a certificate of a private authority.'),
  clientCertificate: pem('Client certificate', 'In PEM. Only where the system asks for one.'),
  clientKey: secretText()
    .refine((key) => blockOf(key) !== null, 'Paste a private key in PEM form, not encrypted.')
    .transform(inLines)
    .optional()
    .meta({ title: 'Key of the client certificate', description: 'In PEM, not encrypted.', rare: true }),
};

/** Openssl writes a key of elliptic curves behind a block of their parameters. */
const blockOf = (key: Plaintext) =>
  /-----BEGIN ((?!ENCRYPTED)[A-Z ]*PRIVATE KEY)-----((?:(?!Proc-Type)[\s\S])+?)-----END \1-----/.exec(
    key.expose(),
  );

/** A write-only field of one line takes the line ends out of what is pasted into it; PEM needs them (RFC 7468). */
function inLines(key: Plaintext): Plaintext {
  const [, label, body = ''] = blockOf(key) ?? [];
  const lines = body.replace(/\s+/g, '').match(/.{1,64}/g) ?? [];
  return new Plaintext(`-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`);
}

/** What a TLS connection trusts and shows. */
export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Plaintext;
}

/** The TLS settings in a parsed config; null where it has none. `call.http` keeps to them by itself. */
export function tlsOf(config: Readonly<Record<string, unknown>>): Tls | null {
  const { ca, clientCertificate: cert, clientKey: key } = config;
  if (ca === undefined && cert === undefined) {
    return null;
  }
  return {
    ...(typeof ca === 'string' ? { ca } : {}),
    ...(typeof cert === 'string' ? { cert } : {}),
    ...(key instanceof Plaintext ? { key } : {}),
  };
}
