import { ResultCodeError } from 'ldapts';
import { ConnectorError } from '#connectors/contract.ts';

/** Who signs in, and whose password it is about. */
interface Who {
  readonly config: { readonly bindDn?: string | undefined };
  readonly place: { readonly dn: string };
}

/** Result codes of RFC 4511, appendix A.2, as sentences. What is no result code is thrown as it is. */
export async function explained<T>(call: Who, what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ResultCodeError) throw sentenceFor(error, what, call);
    throw error;
  }
}

function sentenceFor(cause: ResultCodeError, what: string, { config: { bindDn }, place: { dn } }: Who) {
  const { code, message } = cause;
  const who = bindDn ?? dn;
  const never = (sentence: string, because?: 'permission') =>
    new ConnectorError(`${what} failed: ${sentence}`, 'never', { cause, ...(because && { because }) });
  switch (code) {
    case 8:
    case 13:
      return never(`the directory wants an encrypted connection (${code}). Choose ldaps or starttls.`);
    case 49:
      return never(
        `the directory refuses the stored sign-in of ${who} (49). Enter its password.`,
        'permission',
      );
    case 50:
      return never(
        `${who} has no write access to the password of ${dn} (50). Nothing was changed; permit it there.`,
        'permission',
      );
    case 32:
      return never(`there is no entry ${dn}, or ${who} may not see it (32).`);
    case 19:
      return never(
        `the directory's password policy refuses the new value (19${ruleIn(message)}). The old password still works; change the policy or wait.`,
      );
    case 53:
      return never(
        `the directory is unwilling (53${ruleIn(message)}): its password policy, or its rules for this entry, forbid it. Nothing was changed.`,
      );
    case 3:
    case 51:
    case 52:
      return new ConnectorError(
        `${what} failed: the directory is busy or out of order (${code}). Nothing was changed.`,
        'later',
        { cause },
      );
    default:
      return never(
        `the directory answered with the result code ${code}. Check the settings; trying again changes nothing.`,
      );
  }
}

/** Which rule it was, where the directory's own text names one that is known. */
function ruleIn(text: string): string {
  const rules = [
    [/too young|minimum age|changed too/i, 'it was changed too recently'],
    [/history/i, 'it was used before'],
    [/short|length/i, 'length'],
    [/quality|syntax|complex|0000052D/i, 'quality'],
  ] as const;
  const found = rules.find(([pattern]) => pattern.test(text));
  return found === undefined ? '' : `, ${found[1]}`;
}
