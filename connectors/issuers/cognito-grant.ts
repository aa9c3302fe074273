import { z } from 'zod';
import { type AwsCall, AwsRefusal, askAws } from '#connectors/aws.ts';
import { ConnectorError } from '#connectors/contract.ts';

/** The answer holds the client's secret, too, which is not read. */
const described = z.object({
  UserPoolClient: z.object({
    AllowedOAuthFlows: z.array(z.string()).default([]),
    AllowedOAuthFlowsUserPoolClient: z.boolean().optional(),
  }),
});

/**
 * Throws where an app client may not use the client credentials grant, by which its secret is tried
 * (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html). Where the stored
 * sign-in may not read the client, nothing is known and nothing thrown: rotating it does not need that permission.
 */
export async function requireGrant(
  call: AwsCall,
  client: { readonly UserPoolId: string; readonly ClientId: string },
): Promise<void> {
  const what = `Reading the app client ${client.ClientId}`;
  const question = { service: 'cognito-idp', action: 'DescribeUserPoolClient', schema: described } as const;
  try {
    const { UserPoolClient: told } = await askAws(call, { ...question, body: client, what });
    const usesGrants = told.AllowedOAuthFlowsUserPoolClient !== false;
    if (usesGrants && told.AllowedOAuthFlows.includes('client_credentials')) return;
  } catch (error) {
    if (error instanceof AwsRefusal && error.because === 'permission') return;
    throw error;
  }
  const sentence = `The app client ${client.ClientId} may not use the client credentials grant, so Rekey cannot try its secret. Nothing was changed; allow it that grant and a custom scope in Cognito, or pick another client.`;
  throw new ConnectorError(sentence, 'never');
}
