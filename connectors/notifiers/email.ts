import { createTransport } from 'nodemailer';
import { z } from 'zod';
import {
  type Call,
  ConnectorError,
  type Notice,
  type NotifierConnector,
  secretText,
} from '#connectors/contract.ts';
import { headline, named } from '#connectors/notice-text.ts';
import { tlsFields, tlsOf } from '#connectors/tls.ts';

const address = z.email().max(254);

const config = z.object({
  host: z.string().min(1).max(253).meta({ title: 'SMTP server' }),
  port: z.int().min(1).max(65_535).default(587).meta({ title: 'Port' }),
  security: z.enum(['starttls', 'tls', 'none']).default('starttls').meta({
    title: 'Encryption',
    description: 'starttls on port 587, tls on port 465. With none, what is sent can be read on the way.',
  }),
  user: z
    .string()
    .max(320)
    .optional()
    .meta({ title: 'User', description: 'Only where the server asks for a sign-in.' }),
  password: secretText().optional().meta({ title: 'Password' }),
  from: address.meta({ title: 'From' }),
  to: z.array(address).min(1).max(50).meta({ title: 'To', description: 'One address on each line.' }),
  ...tlsFields,
});

type EmailCall = Call<z.output<typeof config>, null>;

/** E-mail over SMTP (RFC 5321; sign-in as RFC 4954 has it, STARTTLS as RFC 3207). Plain text, one message for all notices. */
export const email: NotifierConnector<typeof config> = {
  kind: 'email',
  title: 'E-mail',
  docs: 'https://nodemailer.com/smtp/',
  needs: 'An SMTP server that takes mail from the sender.',
  proven: { against: 'documented fake', what: 'SMTP as RFC 5321 has it', on: '2026-11-25' },
  config,
  send: async (call, notices) => {
    const transport = await transportOf(call);
    const stop = () => transport.close();
    call.signal.addEventListener('abort', stop, { once: true });
    try {
      const { from, to } = call.config;
      const subject = `[Rekey] ${headline(notices)}`;
      const { rejected } = await transport.sendMail({ from, to, subject, text: textOf(notices) });
      if (rejected.length > 0) throw partlyRefused(call.config.host, rejected.length);
    } catch (error) {
      throw error instanceof ConnectorError ? error : explained(error, call.config.host);
    } finally {
      call.signal.removeEventListener('abort', stop);
      transport.close();
    }
  },
};

async function transportOf(call: EmailCall) {
  const { host, port, security, user, password } = call.config;
  const reached = await call.resolve(host, port);
  const { ca, cert, key } = tlsOf(call.config) ?? {};
  return createTransport({
    host: reached.address,
    port: reached.port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: {
      servername: reached.servername,
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key: key.expose() }),
    },
    ...(user && { auth: { user, pass: password?.expose() ?? '' } }),
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: 8_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function textOf(notices: readonly Notice[]): string {
  const { shown, rest } = named(notices);
  const parts = shown.map(({ title, detail, url }) => `${title}\n${detail}\n${url}`);
  return `${[...parts, ...(rest ? [rest] : [])].join('\n\n')}\n`;
}

function partlyRefused(host: string, count: number): ConnectorError {
  const sentence = `The mail server ${host} refuses ${count} of the addressees; the others have the message. Check the addresses.`;
  return new ConnectorError(sentence, 'never');
}

/** nodemailer's codes (https://nodemailer.com/smtp/) and the server's reply code; its text may repeat what was sent. */
function explained(error: unknown, host: string): ConnectorError {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  const reply = typeof responseCode === 'number' ? ` (${responseCode})` : '';
  if (code === 'EAUTH') {
    const sentence = `The mail server ${host} refuses the user and password${reply}. Nothing was sent; enter the right ones.`;
    return new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  const refused = typeof responseCode === 'number' ? responseCode >= 500 : code === 'EENVELOPE';
  if (refused) {
    const sentence = `The mail server ${host} refuses the message, its sender or an addressee${reply}. Nothing was sent; check the addresses.`;
    return new ConnectorError(sentence, 'never');
  }
  if (code === 'ETLS') {
    return new ConnectorError(
      `The mail server ${host} offers no encryption that can be trusted. Nothing was sent; check the encryption and the authority.`,
      'never',
    );
  }
  const named = typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? ` (${code})` : '';
  return new ConnectorError(
    `The mail server ${host} did not take the message${reply || named}. It is sent again later.`,
    'later',
  );
}
