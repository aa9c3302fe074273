import type { IssuerCan } from '#connectors/contract.ts';
import { type Allowance, countRequest, forgetRequests, type Limit } from '#core/access/request-limit.ts';

const counted = (credentialId: string) => `tried:credential:${credentialId}`;

/** One refusal less than the issuer tolerates, in 15 minutes: that of a secret which has just ended comes beside these. */
const limitOf = ({ failedSignIns }: IssuerCan): Limit => ({
  requests: failedSignIns === 'none' ? 1 : Math.max(1, failedSignIns - 1),
  seconds: 15 * 60,
});

/**
 * Takes one try of a value of a credential that its issuer may refuse. Whoever looks values up and whoever pastes one share
 * them, so that together they do not come near the lock-out. Negative `left`: it must not be tried.
 */
export const takeTry = (credentialId: string, can: IssuerCan): Promise<Allowance> =>
  countRequest(counted(credentialId), limitOf(can));

/** The issuer could not be asked, so it has refused nothing. */
export async function giveTryBack(credentialId: string, can: IssuerCan): Promise<void> {
  await countRequest(counted(credentialId), limitOf(can), -1);
}

/** The issuer has accepted a value: what it refused before counts no more. */
export const forgetTries = (credentialId: string): Promise<void> => forgetRequests(counted(credentialId));
