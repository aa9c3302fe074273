import { pino } from 'pino';

const hidden = [
  'password',
  'secret',
  'clientSecret',
  'client_secret',
  'token',
  'access_token',
  'authorization',
  'cookie',
  'value',
  'sealed',
];

/** JSON lines on standard error. Fields with a secret's name are redacted, at the top and one level down. */
export const log = pino(
  {
    level: process.env.REKEY_LOG_LEVEL ?? 'info',
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: hidden.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
  },
  pino.destination(2),
);
