import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { certificate, privateKey } from './loopback-tls.ts';

/** A refusal of the directory: a result code of RFC 4511, appendix A, and the text beside it. */
type Refusal = readonly [code: number, text?: string];

export interface FakeDirectory {
  readonly port: number;
  readonly adminDn: string;
  adminPassword: string;
  /** Passwords by distinguished name. */
  readonly entries: Map<string, string>;
  /** Old passwords of all entries; setting one of them again is refused, as a policy with a history does. */
  readonly history: string[] | null;
  /** Binds with a wrong password, which a policy would count. */
  refusedBinds: number;
  /** Refuses to write passwords. */
  refusal: Refusal | null;
  /** What is answered to every bind. */
  bindRefusal: Refusal | null;
  /** What is answered to StartTLS instead of beginning it. */
  startTlsRefusal: Refusal | null;
  trouble: 'none' | 'cut' | 'cut_after_setting' | 'cut_after_bind' | 'busy';
  /** Each operation by its name, `bind`, `search`, …, with `tls` before it where it came encrypted. */
  readonly seen: string[];
  /** Ends every open connection. */
  hangUp(): void;
  close(): Promise<void>;
}

interface Part {
  readonly tag: number;
  readonly value: Buffer;
}

/** The parts of a BER sequence (X.690); lengths over four bytes do not occur here. */
function partsOf(bytes: Buffer): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const first = bytes[at + 1] ?? 0;
    const more = first > 127 ? first - 128 : 0;
    const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
    const start = at + 2 + more;
    if (start + length > bytes.length) break;
    parts.push({ tag: bytes[at] ?? 0, value: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return parts;
}

function part(tag: number, ...content: (Buffer | string)[]): Buffer {
  const value = Buffer.concat(content.map((one) => Buffer.from(one)));
  return Buffer.concat([Buffer.from([tag, 0x82, value.length >> 8, value.length & 255]), value]);
}

const text = (one: Part | undefined) => one?.value.toString('utf8') ?? '';
const result = (tag: number, [code, why = '']: Refusal) =>
  part(tag, part(0x0a, Buffer.from([code])), part(4), part(4, why));

/**
 * A directory on loopback that speaks as much of RFC 4511 as the connector uses: simple bind, StartTLS, base search,
 * modify and the Password Modify operation (RFC 3062). A real one is in tests/interop.
 */
export async function fakeDirectory(
  options: { tls?: boolean; history?: boolean } = {},
): Promise<FakeDirectory> {
  const entries = new Map([
    ['uid=app,dc=example', 'first-password'],
    ['uid=other,dc=example', 'other-password'],
  ]);
  const sockets = new Set<net.Socket>();
  const fake: Omit<FakeDirectory, 'port' | 'hangUp' | 'close'> = {
    adminDn: 'cn=admin,dc=example',
    adminPassword: 'admin-password',
    entries,
    history: options.history ? [] : null,
    refusedBinds: 0,
    refusal: null,
    bindRefusal: null,
    startTlsRefusal: null,
    trouble: 'none',
    seen: [],
  };
  const serve = (socket: net.Socket) => {
    sockets.add(socket.on('error', () => undefined));
    speak(fake, socket, '');
  };
  const server = options.tls
    ? tls.createServer({ cert: certificate, key: privateKey }, serve)
    : net.createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  return Object.assign(fake, {
    port: (server.address() as AddressInfo).port,
    hangUp,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        hangUp();
      }),
  });
}

type Fake = Omit<FakeDirectory, 'port' | 'hangUp' | 'close'>;

function speak(fake: Fake, socket: net.Socket, layer: string): void {
  const session = { boundAs: '' };
  socket.on('data', (bytes) => {
    for (const message of partsOf(bytes)) {
      const [id, operation] = partsOf(message.value);
      if (id === undefined || operation === undefined) continue;
      if (fake.trouble === 'cut') return void socket.destroy();
      const answers = answer(fake, session, operation, layer);
      if (answers === null) return void socket.destroy();
      for (const one of answers) socket.write(part(0x30, part(2, id.value), one));
      const begins = operation.tag === 0x77 && text(partsOf(operation.value)[0]) === START_TLS;
      if (begins && fake.startTlsRefusal === null) upgrade(fake, socket);
    }
  });
}

const START_TLS = '1.3.6.1.4.1.1466.20037';

function upgrade(fake: Fake, socket: net.Socket): void {
  socket.removeAllListeners('data');
  const secure = new tls.TLSSocket(socket, { isServer: true, cert: certificate, key: privateKey });
  secure.on('error', () => undefined);
  speak(fake, secure, 'tls ');
}

function answer(
  fake: Fake,
  session: { boundAs: string },
  { tag, value }: Part,
  layer: string,
): Buffer[] | null {
  const parts = partsOf(value);
  const note = (name: string) => fake.seen.push(`${layer}${name}`);
  switch (tag) {
    case 0x60: {
      note('bind');
      const refusal = bind(fake, text(parts[1]), text(parts[2]));
      session.boundAs = refusal[0] === 0 ? text(parts[1]) : '';
      return [result(0x61, refusal)];
    }
    case 0x63: {
      note('search');
      const dn = text(parts[0]);
      if (!fake.entries.has(dn)) return [result(0x65, [32])];
      return [part(0x64, part(4, dn), part(0x30)), result(0x65, [0])];
    }
    case 0x66: {
      note('modify');
      if (fake.trouble === 'cut_after_bind') return null;
      return changed(fake, modify(fake, session, parts), 0x67);
    }
    case 0x77: {
      const oid = text(parts[0]);
      note(oid === START_TLS ? 'starttls' : 'password-modify');
      if (oid === START_TLS) return [result(0x78, fake.startTlsRefusal ?? [0])];
      if (fake.trouble === 'cut_after_bind') return null;
      const wish = partsOf(partsOf(parts[1]?.value ?? Buffer.alloc(0))[0]?.value ?? Buffer.alloc(0));
      const [dn, old, next] = [0x80, 0x81, 0x82].map((one) => wish.find((found) => found.tag === one));
      const wrongOld = old !== undefined && fake.entries.get(text(dn)) !== text(old);
      return changed(fake, wrongOld ? [53] : set(fake, session, text(dn), text(next)), 0x78);
    }
    default:
      return [];
  }
}

const changed = (fake: Fake, refusal: Refusal, tag: number) =>
  fake.trouble === 'cut_after_setting' ? null : [result(tag, refusal)];

function bind(fake: Fake, dn: string, password: string): Refusal {
  if (fake.trouble === 'busy') return [51];
  if (fake.bindRefusal !== null) return fake.bindRefusal;
  const right = dn === fake.adminDn ? fake.adminPassword : fake.entries.get(dn);
  if (password === '' || password === right) return [0];
  fake.refusedBinds += 1;
  return [49];
}

function modify(fake: Fake, session: { boundAs: string }, [dn, changes]: Part[]): Refusal {
  const [kind, attribute] = partsOf(partsOf(changes?.value ?? Buffer.alloc(0))[0]?.value ?? Buffer.alloc(0));
  const [type, values] = partsOf(attribute?.value ?? Buffer.alloc(0));
  const bytes = partsOf(values?.value ?? Buffer.alloc(0))[0]?.value ?? Buffer.alloc(0);
  const isDelete = kind?.value[0] === 1;
  if (isDelete) return permitted(fake, session, text(dn)) ?? [16];
  if (text(type) !== 'unicodePwd') return set(fake, session, text(dn), bytes.toString('utf8'));
  const quoted = bytes.toString('utf16le');
  return /^".*"$/.test(quoted) ? set(fake, session, text(dn), quoted.slice(1, -1)) : [53, '0000001F'];
}

function permitted(fake: Fake, { boundAs }: { boundAs: string }, dn: string): Refusal | null {
  if (boundAs !== fake.adminDn && boundAs !== dn) return [50];
  return fake.refusal !== null && fake.refusal[0] === 50 ? fake.refusal : null;
}

function set(fake: Fake, session: { boundAs: string }, dn: string, password: string): Refusal {
  const refusal = permitted(fake, session, dn) ?? fake.refusal;
  if (refusal !== null) return refusal;
  if (!fake.entries.has(dn)) return [32];
  if (fake.history?.includes(password)) return [19, 'Password is in history of old passwords'];
  fake.history?.push(password);
  fake.entries.set(dn, password);
  return [0];
}
