import { ConnectorError } from '#connectors/contract.ts';
import { parseJson } from '#connectors/exchange.ts';
import { Plaintext } from '#lib/plaintext.ts';

/** The members of a JSON object in their order; those that are no texts are kept as they are. */
export type SecretObject = Map<string, unknown>;

/** Reads the JSON object of keys that a secret holds. Empty where it holds nothing yet. */
export function readObject(text: Plaintext | undefined, name: string): SecretObject {
  if (text === undefined || text.expose().trim() === '') return new Map();
  const value = parseJson(text.expose());
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const sentence = `The secret ${name} holds no JSON object of keys. Nothing was written; enter another one, or say that it is one plain value.`;
    throw new ConnectorError(sentence, 'never');
  }
  const members = new Map<string, unknown>(Object.entries(value));
  // Numbers that JavaScript cannot hold would come back as others, and neighbours must stay as they are.
  if (hasInexactNumber(text.expose())) {
    const sentence = `The secret ${name} holds a number that would be changed by reading and writing it. Nothing was written; put that number in quotes.`;
    throw new ConnectorError(sentence, 'never');
  }
  return members;
}

/** Whether a member is this very text. */
export function holdsText(object: SecretObject, key: string, value: Plaintext): boolean {
  const there = object.get(key);
  return typeof there === 'string' && value.equals(new Plaintext(there));
}

/** The object as text. */
export function writeObject(object: SecretObject): Plaintext {
  const members = [...object].map(([key, value]) => {
    const plain = value instanceof Plaintext ? value.expose() : value;
    return `${JSON.stringify(key)}:${JSON.stringify(plain)}`;
  });
  return new Plaintext(`{${members.join(',')}}`);
}

/** Fifteen digits always come back as they were; more only by luck. */
function hasInexactNumber(text: string): boolean {
  const outsideOfTexts = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  const numbers = outsideOfTexts.match(/-?\d[\d.eE+-]*/g) ?? [];
  return numbers.some((number) => {
    const digits = number.replace(/e.*$/i, '').replaceAll(/\D/g, '').replace(/^0+/, '');
    const exact = digits.length <= 15 && Number.isFinite(Number(number));
    return !exact && JSON.stringify(Number(number)) !== number;
  });
}
