import { count } from '#app/_words/rotation.ts';

/* What the doors answer by themselves; what core refuses has its sentence there. */

/** An action or a route that failed without a reason for the person. */
export const failed = {
  action:
    'Something failed on our side; the log has the details. Reload the page to see what state things are in.',
  route: 'Something failed on our side; the log has the details.',
  signIn: 'Signing in failed on our side. Try again in a moment.',
};

/** Whom a route refuses. */
export const refusedRoute = {
  signedOut: 'You are signed out. Reload the page to sign in.',
  foreignPage: 'This is taken from a page of this Rekey only. Nothing was changed.',
};

/** What is refused before anything reads it. */
export const refusedEarly = {
  lengthMissing:
    'Say with Content-Length how long the body is; one that is sent in chunks is not taken. Nothing was changed.',
  tooLong: (bytes: number) => `A body may have at most ${count(bytes, 'byte')}. Nothing was changed.`,
  foreignSite: 'This was sent by a page of another site. Nothing was changed.',
  wrongHost: (origin: string) => `This is not the address of this Rekey. Open ${origin} instead.`,
};

/** The address of a list. */
export const listAddress = {
  unknown: 'The address asks for something that this list does not know.',
};

/** Why an access token is not taken. */
export const accessToken = {
  missing: (issuer: string) =>
    `The API takes an access token, as the header "Authorization: Bearer …". API clients get one from ${issuer}/oauth/token.`,
  invalid: 'This access token is not valid: it has expired, or it was not issued here for this API.',
  revoked: 'The API client of this access token was revoked.',
  getNew: (issuer: string) => `Get a new access token from ${issuer}/oauth/token.`,
  noScope: (scopes: readonly string[]) => `This access token has none of the scopes ${scopes.join(' and ')}.`,
};
