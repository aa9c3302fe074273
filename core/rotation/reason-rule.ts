/** Whether a person who rotates there has to say why: what is in production is asked about later. */
export const wantsReason = (environment: string): boolean => /^prod(uction)?$/i.test(environment.trim());
