import type { SealedEvent } from '#core/evidence/collector.ts';

/*
 * Syslog messages as RFC 5424 has them. The number in the id of our structured data is the one that is reserved for examples
 * (RFC 5612), because Rekey has none of its own.
 */

const SD_ID = 'rekey@32473';
/** Log audit (13), and informational (6) or warning (4). */
const PRIORITY = { success: 13 * 8 + 6, failure: 13 * 8 + 4 };

interface Body {
  action: string;
  outcome: string;
  actor: { kind: string; id: string | null; name: string };
  credentialId?: unknown;
  credential?: unknown;
  rotationId?: unknown;
  requestId?: unknown;
  address?: unknown;
}

/** A value of structured data (6.3.3). Control characters are told as spaces, so that nothing begins a line of its own. */
const paramOf = (text: string) =>
  text.replaceAll(/["\\\]]/g, (character) => `\\${character}`).replaceAll(/\p{Cc}/gu, ' ');

/** A field of the header (6.2): printable ASCII without spaces, so long at most; a hyphen for nothing. */
const fieldOf = (text: string, most: number) => text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, most) || '-';

function dataOf({ seq, id, leaf }: SealedEvent, body: Body): string {
  const { action, outcome, actor, credentialId, credential, rotationId, requestId, address } = body;
  const params = {
    ...{ seq: String(seq), id, leaf, action, outcome },
    ...{ actor: actor.name, actorKind: actor.kind, actorId: actor.id },
    ...{ credentialId, credential, rotationId, requestId, address },
  };
  const told = Object.entries(params).filter(([, value]) => typeof value === 'string');
  return `[${[SD_ID, ...told.map(([name, value]) => `${name}="${paramOf(String(value))}"`)].join(' ')}]`;
}

/** One event as a message: its fields as structured data, and its body byte for byte as the text. `host` is where Rekey is found. */
export function syslogMessage(event: SealedEvent, host: string): string {
  const body = JSON.parse(event.body) as Body;
  const priority = body.outcome === 'failure' ? PRIORITY.failure : PRIORITY.success;
  const header = `<${priority}>1 ${event.at.toISOString()} ${fieldOf(host, 255)} rekey - ${fieldOf(body.action, 32)}`;
  // A text in UTF-8 beyond ASCII begins with a byte order mark (6.4).
  const mark = /^[\0-\x7f]*$/.test(event.body) ? '' : '\ufeff';
  return `${header} ${dataOf(event, body)} ${mark}${event.body}`;
}

/** Messages in one stream, each with its length in bytes in front (RFC 6587, 3.4.1; RFC 5425, 4.3). */
export function framed(messages: readonly string[]): string {
  return messages.map((message) => `${Buffer.byteLength(message)} ${message}`).join('');
}
