import { z } from 'zod';
import { type AwsCall, askAws, isRefusal } from '#connectors/aws.ts';
import { ConnectorError } from '#connectors/contract.ts';

const described = z.object({
  Parameters: z.array(z.object({ Name: z.string().min(1), KeyId: z.string().min(1).optional() })),
  NextToken: z.string().min(1).nullish(),
});

/** A filter takes fifty names at most, and a page holds as many. */
const AT_ONCE = 50;

/**
 * Under which KMS keys parameters on a path are, where AWS lists them. Pages may be empty before the last one:
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html. Throws where that is not
 * allowed. It cannot be allowed for a path alone:
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html.
 */
export async function readKmsKeys(
  call: AwsCall,
  path: string,
  names: readonly string[],
): Promise<Map<string, string>> {
  const keys = new Map<string, string>();
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = names.slice(at, at + AT_ONCE);
    let token: string | null | undefined;
    do {
      const { Parameters, NextToken } = await describe(call, path, some, token);
      for (const { Name, KeyId } of Parameters) if (KeyId !== undefined) keys.set(Name, KeyId);
      token = NextToken;
    } while (token && some.some((name) => !keys.has(name)));
  }
  return keys;
}

async function describe(
  call: AwsCall,
  path: string,
  names: readonly string[],
  token: string | null | undefined,
): Promise<z.output<typeof described>> {
  const filter = { Key: 'Name', Option: 'Equals', Values: names };
  const body = { ParameterFilters: [filter], MaxResults: AT_ONCE, ...(token && { NextToken: token }) };
  const what = `Reading the KMS keys of the parameters of ${path}`;
  try {
    return await askAws(call, {
      service: 'ssm',
      action: 'DescribeParameters',
      body,
      schema: described,
      what,
    });
  } catch (error) {
    if (!isRefusal(error, 'AccessDeniedException')) throw error;
    const sentence = `${error.message} It has to be allowed on all resources (*); or enter the KMS key in the place, so that nobody has to ask.`;
    throw new ConnectorError(sentence, 'never', { because: 'permission', cause: error });
  }
}
