import { z } from 'zod';
import {
  type Browsed,
  type Call,
  ConnectorError,
  type Fields,
  type Issued,
  type IssuerConnector,
  type IssueWish,
  type ListedSecret,
} from '#connectors/contract.ts';
import {
  addFault,
  askGraph,
  type Config,
  config,
  judged,
  permissionsOf,
  tokenUrlOf,
} from '#connectors/issuers/entra-graph.ts';
import { probeClientCredentials } from '#connectors/token-endpoint.ts';
import { Plaintext } from '#lib/plaintext.ts';

const place = z.object({
  clientId: z.uuid().meta({ title: 'Application (client) ID' }),
  scope: z.string().min(1).max(400).optional().meta({
    title: 'Scope',
    description:
      'New secrets are proven by asking for it, for example api://…/.default. Empty: Microsoft Graph.',
  }),
  expiresInDays: z.int().min(1).max(730).default(180).meta({
    title: 'Days until a secret expires',
    description: 'Every client secret has an end in Microsoft Entra. Rotate well before it.',
  }),
  personalAccounts: z.boolean().default(false).meta({
    title: 'Personal Microsoft accounts may sign in',
    description: 'Such an application can have two secrets at most.',
  }),
  propagationSeconds: z.int().min(0).max(900).default(60).meta({
    title: 'Seconds until a change works everywhere',
    description: 'Microsoft names no number; mostly it takes under 20 seconds.',
    rare: true,
  }),
});

type EntraCall = Call<Config, z.output<typeof place>>;

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const credential = z.object({
  keyId: z.string().min(1),
  displayName: z.string().nullish(),
  startDateTime: instant.nullish(),
  endDateTime: instant.nullish(),
});
const added = credential.extend({ secretText: z.string().min(1), hint: z.string().nullish() });
const application = z.object({
  appId: z.string(),
  displayName: z.string().nullish(),
  signInAudience: z.string().nullish(),
  passwordCredentials: z.array(credential),
});
const owners = z.object({ value: z.array(z.object({ appId: z.string().nullish() })) });
const page = z.object({ value: z.array(application), '@odata.nextLink': z.url().optional() });

const TAG = 'rekey:';
const OWNED = 'Application.ReadWrite.OwnedBy';
const WRITES_ALL = ['Application.ReadWrite.All', 'Directory.ReadWrite.All'];

/**
 * Client secrets of Microsoft Entra app registrations, through Microsoft Graph. The display name carries the rotation.
 *
 * - `overlap` explicit, `expiry`, `tags` (displayName): https://learn.microsoft.com/en-us/graph/api/application-addpassword
 *   and https://learn.microsoft.com/en-us/graph/api/application-removepassword
 * - `hint` (the first three characters), no `readBack` ("no way to retrieve this password"):
 *   https://learn.microsoft.com/en-us/graph/api/resources/passwordcredential
 * - `maxLive`: no number of its own is documented; it is bounded by the size of an application. With personal accounts
 *   two (TooManyAppPasswords): https://learn.microsoft.com/en-us/entra/identity-platform/supported-accounts-validation
 *   and https://github.com/Azure/azure-cli/issues/12946
 * - `propagationSeconds`: no number is documented; 4 to 18 seconds were seen
 *   (https://github.com/microsoftgraph/microsoft-graph-docs/issues/17966)
 * - `limits`, one change at a time in a tenant: Directory_ConcurrencyViolation comes as 409 and as 503,
 *   https://github.com/nais/azurerator/issues/448 and https://github.com/Azure/azure-cli/issues/23081
 * - `failedSignIns`: smart lock-out is for users, and no page speaks of one for applications, so it is kept low.
 * - what a refused sign-in means: https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
 */
export const entra: IssuerConnector<typeof config, typeof place> = {
  kind: 'entra',
  title: 'Microsoft Entra application',
  aliases: [
    'Azure AD',
    'Azure Active Directory',
    'AAD',
    'app registration',
    'Office 365',
    'Microsoft 365',
    'OAuth client',
    'OIDC',
    'client secret',
  ],
  docs: 'https://learn.microsoft.com/en-us/graph/api/application-addpassword',
  needs: `The Microsoft Graph application permission ${OWNED} with admin consent, and Rekey's service principal as an owner of the application; or ${WRITES_ALL[0]}.`,
  proven: { against: 'documented fake', what: 'Microsoft Graph v1.0', on: '2026-11-25' },
  config,
  place,
  secretField: 'clientSecret',
  can: (_config, { personalAccounts, propagationSeconds }) => ({
    maxLive: personalAccounts ? 2 : 50,
    overlap: 'explicit',
    chosenValue: false,
    readBack: false,
    list: true,
    tags: true,
    expiry: true,
    reversibleRevoke: false,
    revokeNeedsValue: false,
    usageSignal: false,
    propagationSeconds,
    failedSignIns: 5,
  }),
  limits: { concurrency: 1, per: 'tenant' },
  check,
  issue,
  verify,
  revoke,
  listSecrets,
  browse,
};

async function check(call: EntraCall): Promise<void> {
  const { clientId, personalAccounts } = call.place;
  const permissions = await permissionsOf(call);
  const writesAll = permissions?.some((one) => WRITES_ALL.includes(one)) ?? false;
  if (permissions !== null && !writesAll && !permissions.includes(OWNED)) {
    const sentence = `The app registration of Rekey lacks the Microsoft Graph application permission ${OWNED}, or the admin's consent to it. Grant it, and make Rekey an owner of ${clientId}.`;
    throw new ConnectorError(sentence, 'never', { because: 'permission' });
  }
  const { signInAudience } = await readApplication(call);
  if (/Personal/.test(signInAudience ?? '') !== personalAccounts) {
    const sentence = `${clientId} is for ${signInAudience} at Microsoft Entra, so it can have ${personalAccounts ? 'more than two secrets' : 'two secrets at most'}. Correct "Personal Microsoft accounts may sign in".`;
    throw new ConnectorError(sentence, 'never');
  }
  if (!writesAll && permissions !== null) await mustOwn(call);
}

async function mustOwn(call: EntraCall): Promise<void> {
  const what = `Reading the owners of ${call.place.clientId}`;
  const found = await askGraph(call, 'GET', `${pathOf(call)}/owners`, { ok: [200], what, schema: owners });
  if (found !== 'handled' && found.value.some(({ appId }) => appId === call.config.clientId)) return;
  const sentence = `Rekey's service principal is not an owner of ${call.place.clientId}, and has ${OWNED} only. Make it an owner.`;
  throw new ConnectorError(sentence, 'never', { because: 'permission' });
}

async function issue(call: EntraCall, { rotationId }: IssueWish): Promise<Issued> {
  const { clientId, expiresInDays } = call.place;
  const endDateTime = new Date(Date.now() + expiresInDays * 86_400_000).toISOString();
  const body = { passwordCredential: { displayName: TAG + rotationId, endDateTime } };
  const what = `Adding a secret to ${clientId}`;
  const made = await askGraph(
    call,
    'POST',
    `${pathOf(call)}/addPassword`,
    { ok: [200], what, schema: added, fault: (code) => addFault(code, clientId) },
    body,
  );
  if (made === 'handled') throw await noFreeSlot(call);
  return {
    externalId: made.keyId,
    fields: { clientId: new Plaintext(clientId), clientSecret: new Plaintext(made.secretText) },
    ...(made.hint && { hint: made.hint }),
    ...(made.endDateTime && { expiresAt: made.endDateTime }),
  };
}

async function noFreeSlot(call: EntraCall): Promise<ConnectorError> {
  const { passwordCredentials } = await readApplication(call);
  const ids = passwordCredentials.map(({ keyId }) => keyId).join(', ');
  const sentence = `${call.place.clientId} can have no further secret: ${ids} are there. Nothing was added; remove one of them first.`;
  return new ConnectorError(sentence, 'never', { because: 'conflict' });
}

async function verify(call: EntraCall, { clientSecret }: Fields): Promise<'accepted' | 'rejected'> {
  if (clientSecret === undefined)
    throw new ConnectorError('This version has no field `clientSecret` to sign in with.', 'never');
  const { clientId, scope = call.config.graphScope } = call.place;
  const signIn = { tokenUrl: tokenUrlOf(call.config), clientId, clientSecret, scope, auth: 'post' as const };
  return probeClientCredentials({ http: judged(call.http) }, signIn);
}

async function revoke(call: EntraCall, externalId: string): Promise<void> {
  const what = `Removing the secret ${externalId} of ${call.place.clientId}`;
  const fault = (_code: string, message: string) =>
    message.startsWith('No password credential found with keyId') ? ('handled' as const) : undefined;
  const removed = await askGraph(
    call,
    'POST',
    `${pathOf(call)}/removePassword`,
    { ok: [204], what, schema: z.unknown(), repeatable: true, fault },
    { keyId: externalId },
  );
  if (removed !== 'handled') return;
  // The same is said of a secret that was just added and has not reached every replica.
  const { passwordCredentials } = await readApplication(call);
  if (!passwordCredentials.some(({ keyId }) => keyId === externalId)) return;
  const sentence = `${what} failed: Microsoft Entra lists the secret and does not find it yet. Nothing was removed; it can be tried again.`;
  throw new ConnectorError(sentence, 'later', { retryAfterSeconds: 10 });
}

async function listSecrets(call: EntraCall): Promise<ListedSecret[]> {
  return (await readApplication(call)).passwordCredentials.map(listed);
}

async function browse(call: Call<Config, null>): Promise<Browsed[]> {
  const found: Browsed[] = [];
  let path: string | undefined =
    '/applications?$select=appId,displayName,signInAudience,passwordCredentials&$top=100';
  for (let n = 0; n < 5 && path !== undefined; n += 1) {
    const what = 'Listing the applications';
    const one: z.output<typeof page> | 'handled' = await askGraph(call, 'GET', path, {
      ok: [200],
      what,
      schema: page,
    });
    if (one === 'handled') break;
    found.push(...one.value.map(browsed));
    // Only the query is taken from the link, so that the token goes nowhere else.
    const next: string | undefined = one['@odata.nextLink'];
    path = next === undefined ? undefined : `/applications${new URL(next).search}`;
  }
  return found;
}

function browsed({
  appId,
  displayName,
  signInAudience,
  passwordCredentials,
}: z.output<typeof application>): Browsed {
  const personalAccounts = /Personal/.test(signInAudience ?? '');
  return {
    place: { clientId: appId, ...(personalAccounts && { personalAccounts }) },
    label: displayName || appId,
    secrets: passwordCredentials.map(listed),
  };
}

function listed({ keyId, displayName, startDateTime }: z.output<typeof credential>): ListedSecret {
  const tag = displayName?.startsWith(TAG) ? displayName.slice(TAG.length) : undefined;
  return { externalId: keyId, ...(tag && { tag }), createdAt: startDateTime ?? null, lastUsedAt: null };
}

async function readApplication(call: EntraCall): Promise<z.output<typeof application>> {
  const path = `${pathOf(call)}?$select=appId,displayName,signInAudience,passwordCredentials`;
  const what = `Reading the application ${call.place.clientId}`;
  const found = await askGraph(call, 'GET', path, { ok: [200], what, schema: application });
  if (found === 'handled') throw new ConnectorError(`${what} failed.`, 'later');
  return found;
}

const pathOf = (call: EntraCall) => `/applications(appId='${call.place.clientId}')`;
