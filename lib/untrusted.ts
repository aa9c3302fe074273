const CODES = /CERT|ALTNAME|UNABLE_TO_|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE/;

/** Whether the code of a connection that failed says that the certificate of the other side is not trusted here. */
export const isUntrusted = (code: string): boolean => CODES.test(code) && !code.startsWith('ERR_SSL');
