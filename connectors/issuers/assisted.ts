import { z } from 'zod';
import { ConnectorError, type IssuerConnector } from '#connectors/contract.ts';
import { tlsFields } from '#connectors/tls.ts';
import { checkTokenEndpoint, probeClientCredentials } from '#connectors/token-endpoint.ts';

const webAddress = z.url({ protocol: /^https?$/ });

const config = z.object({
  vendor: z.string().min(1).max(100).meta({ title: 'Vendor' }),
  link: webAddress.meta({ title: "The page of the vendor's app where the secret is rotated" }),
  steps: z
    .string()
    .min(1)
    .max(4_000)
    .meta({ title: 'Steps on that page', description: 'One step per line.', lines: true }),
  tokenUrl: webAddress.meta({ title: 'Token endpoint', description: 'Proves that a pasted secret works.' }),
  auth: z.enum(['basic', 'post']).default('basic').meta({ title: 'How clients sign in' }),
  propagationSeconds: z
    .int()
    .min(0)
    .max(3_600)
    .default(30)
    .meta({ title: 'Seconds until a change works everywhere' }),
  ...tlsFields,
});

const place = z.object({
  clientId: z.string().min(1).max(256).meta({ title: 'Client ID' }),
  scope: z
    .string()
    .max(1_000)
    .optional()
    .meta({ title: 'Scope', description: 'Sent when a secret is tried.' }),
});

/**
 * A vendor whose secrets only a person can rotate, in the vendor's own app. Rekey shows the steps, takes one
 * paste and proves it by a sign-in at the vendor's token endpoint (RFC 6749, 4.4).
 */
export const assisted: IssuerConnector<typeof config, typeof place> = {
  kind: 'assisted',
  title: 'Assisted: a vendor with a form and no API',
  aliases: ['manual', 'by hand', 'without an API'],
  docs: 'https://www.rfc-editor.org/rfc/rfc6749#section-4.4',
  needs: 'Nothing: a person signs in at the vendor.',
  proven: { against: 'real server', what: 'the sample vendor in demo/surfacescout', on: '2026-11-25' },
  config,
  place,
  secretField: 'clientSecret',
  can: ({ propagationSeconds }) => ({
    maxLive: 1,
    overlap: 'none',
    chosenValue: false,
    readBack: false,
    list: false,
    tags: false,
    expiry: false,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: false,
    propagationSeconds,
    failedSignIns: 3,
  }),
  check: (call) => checkTokenEndpoint(call, call.config.tokenUrl),
  verify: async (call, fields) => {
    const { clientSecret } = fields;
    if (!clientSecret)
      throw new ConnectorError('This version has no field `clientSecret` to sign in with.', 'never');
    const { tokenUrl, auth } = call.config;
    return probeClientCredentials(call, { tokenUrl, auth, clientSecret, ...call.place });
  },
  task: ({ link, steps }) => ({ link, steps: linesOf(steps) }),
};

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
