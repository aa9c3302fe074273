/** Passing failures in a row after which an issuer is called unhealthy. */
export const UNHEALTHY_AFTER = 5;

/** How often an unhealthy issuer is asked whether it is well again. */
export const PROBE_SECONDS = 30;
