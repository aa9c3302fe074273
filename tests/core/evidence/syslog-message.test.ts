import { expect, test } from 'vitest';
import { framed, syslogMessage } from '#core/evidence/syslog-message.ts';

const event = (more: Record<string, unknown> = {}) => ({
  ...{ seq: 42, id: '77', at: new Date('2026-11-28T09:30:00.123Z'), leaf: 'ab'.repeat(32) },
  body: JSON.stringify({
    ...{ action: 'session.opened', outcome: 'success', actor: { kind: 'user', id: 'u1', name: 'Ada' } },
    ...more,
  }),
});

test('an event is a message of RFC 5424: header, its fields as structured data, and its body byte for byte', () => {
  const given = event({ credential: 'fleet-api', reason: 'a release' });
  expect(syslogMessage(given, 'rekey.example.com')).toBe(
    `<110>1 2026-11-28T09:30:00.123Z rekey.example.com rekey - session.opened [rekey@32473 seq="42" id="77" leaf="${'ab'.repeat(32)}" action="session.opened" outcome="success" actor="Ada" actorKind="user" actorId="u1" credential="fleet-api"] ${given.body}`,
  );
});

test('a failure is a warning, and everything else informational', () => {
  expect(syslogMessage(event({ outcome: 'failure' }), 'h')).toMatch(/^<108>1 /);
  expect(syslogMessage(event(), 'h')).toMatch(/^<110>1 /);
});

test('what somebody is called ends no parameter, no element and no line', () => {
  const actor = { kind: 'user', id: 'u1', name: 'A"] [x@1 y="\\\n<0>1' };
  const message = syslogMessage(event({ actor }), 'h');
  expect(message).toContain(String.raw`actor="A\"\] [x@1 y=\"\\ <0>1" actorKind="user"`);
  expect(message).not.toContain('\n');
});

test('a text beyond ASCII begins with a byte order mark, and its length is counted in bytes', () => {
  const [plain, other] = [event(), event({ reason: 'für Zoë' })];
  expect(syslogMessage(plain, 'h')).not.toContain('\ufeff');
  const message = syslogMessage(other, 'h');
  expect(message).toContain(`] \ufeff${other.body}`);
  const bytes = Buffer.from(framed([message, 'next']));
  const length = Buffer.byteLength(message);
  expect(bytes.toString()).toBe(`${length} ${message}4 next`);
  expect(length).toBeGreaterThan(message.length);
});

test('a field of the header has no space and nothing beyond ASCII, and is a hyphen where nothing is left', () => {
  expect(syslogMessage(event(), 'ä ö')).toMatch(/^<110>1 \S+ - rekey - /);
});
