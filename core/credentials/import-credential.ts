import { z } from 'zod';
import type { Fields } from '#connectors/contract.ts';
import { issuerConnector } from '#connectors/registry.ts';
import { auditActor } from '#core/access/actor.ts';
import { requireFreeName } from '#core/access/free-name.ts';
import { useCase } from '#core/access/use-case.ts';
import { record } from '#core/audit/record.ts';
import { environmentInput, labelsInput, nameInput, ownerInput } from '#core/credentials/credential-input.ts';
import { keepIssuer, lockPlaces, noteProven, requireFreePlace } from '#core/credentials/import-place.ts';
import { asProblem } from '#core/outside/as-problem.ts';
import { checkAddresses } from '#core/outside/check-addresses.ts';
import { openIssuer } from '#core/outside/open-connector.ts';
import { randomValue } from '#core/outside/random-value.ts';
import { separateSecrets } from '#core/outside/separate-secrets.ts';
import { sealFields } from '#core/vault/fields.ts';
import { fingerprint } from '#core/vault/fingerprint.ts';
import { newId } from '#lib/new-id.ts';
import { Plaintext } from '#lib/plaintext.ts';
import { notFound, Problem } from '#lib/problem.ts';

const input = z.object({
  name: nameInput,
  issuerId: z.uuid(),
  place: z.record(z.string(), z.unknown()),
  environment: environmentInput,
  owner: ownerInput.optional(),
  labels: labelsInput.default([]),
  /** The values in use today, by field name. */
  fields: z
    .record(
      z.string(),
      z
        .string()
        .min(1)
        .transform((value) => new Plaintext(value)),
    )
    .default({}),
  /** The issuer is asked for the values itself, where it can read them back. */
  readBack: z.boolean().default(false),
  /** Rekey makes the first value itself, where no other system would have to be told of it. */
  make: z.boolean().default(false),
  /** What the issuer calls the secret in use; needed only where it holds several. */
  externalId: z.string().optional(),
});

type Opened = ReturnType<typeof openIssuer>;
const nothing = 'Nothing was saved.';

/**
 * The issuer's own name of the secret in use, without which it could not be revoked later. One that is given must be
 * among those the issuer lists: under a wrong name the old secret would pass for gone and live on.
 */
async function findExternalId(issuer: Opened, given: string | undefined): Promise<string | null> {
  const { listSecrets } = issuer.connector;
  if (listSecrets === undefined || !issuer.can.list) {
    if (given === undefined && issuer.can.maxLive > 1) {
      const sentence = `${issuer.name} keeps no list of secrets. Say what it calls the one in use, so that it can be revoked later.`;
      throw new Problem(422, 'which_secret', `${sentence} ${nothing}`, {}, { externalId: sentence });
    }
    return given ?? null;
  }
  const live = await asProblem(nothing, () => issuer.ask(null, (_connector, call) => listSecrets(call)));
  const ids = live.map((secret) => secret.externalId);
  const inUse = given ?? (ids.length === 1 ? ids[0] : undefined);
  if (inUse === undefined || !ids.includes(inUse)) {
    const wrong = given === undefined ? '' : `, and ${given} is none of them`;
    const sentence = `${issuer.name} holds ${ids.length} secrets here (${ids.join(', ')})${wrong}. Say which one is in use.`;
    throw new Problem(422, 'which_secret', `${sentence} ${nothing}`, {}, { externalId: sentence });
  }
  return inUse;
}

/** The value by which a version is known. */
function secretOf({ connector: { secretField } }: Opened, fields: Fields): Plaintext {
  const secret = fields[secretField];
  if (secret === undefined) {
    throw new Problem(400, 'bad_input', `fields.${secretField} is missing. ${nothing}`);
  }
  return secret;
}

/** The values in use, as the issuer itself gives them, beside what was given. */
async function fieldsReadBack(issuer: Opened, given: Fields, externalId: string | null): Promise<Fields> {
  const name = issuer.connector.secretField;
  const { readBack } = issuer.connector;
  if (readBack === undefined || !issuer.can.readBack) {
    const sentence = `${issuer.name} never shows a secret again, so it must be pasted.`;
    throw new Problem(422, 'not_readable', `${sentence} ${nothing}`, {}, { [`fields.${name}`]: sentence });
  }
  if (given[name] !== undefined) {
    throw new Problem(400, 'bad_input', `Paste the secret or have it read back, not both. ${nothing}`);
  }
  if (externalId === null) {
    const sentence = `${issuer.name} keeps no list of secrets. Say what it calls the one to read back.`;
    throw new Problem(422, 'which_secret', `${sentence} ${nothing}`, {}, { externalId: sentence });
  }
  const read = await asProblem(nothing, () =>
    issuer.ask(null, (_connector, call) => readBack(call, externalId)),
  );
  return { ...given, ...read };
}

/**
 * A first value that nobody has yet. Until it is sealed it is nowhere but here, so that what fails on the way leaves nothing behind.
 */
async function makeFirst(issuer: Opened, wish: z.output<typeof input>, versionId: string) {
  const { fields: given, readBack, externalId: named } = wish;
  const { issue, standsAlone, secretField: name } = issuer.connector;
  if (issue === undefined || standsAlone !== true) {
    const sentence = `${issuer.name} has a secret for this already, which another value here would not change. Give the one in use; the first rotation replaces it.`;
    throw new Problem(422, 'not_made_here', `${sentence} ${nothing}`, {}, { [`fields.${name}`]: sentence });
  }
  if (given[name] !== undefined || readBack || named !== undefined) {
    const sentence = 'Give the value, or what finds it at the issuer, or have it made, not both.';
    throw new Problem(400, 'bad_input', `${sentence} ${nothing}`);
  }
  const chosen = randomValue(issuer.chosen);
  const { fields: made, externalId } = await asProblem(nothing, () =>
    issuer.ask(versionId, (_connector, call) => issue(call, { rotationId: versionId, chosen })),
  );
  const fields = { ...given, ...made };
  const secret = secretOf(issuer, fields);
  await requireAccepted(issuer, fields);
  return { fields, secret, externalId };
}

/** The values in use and the issuer's name of the secret, both proven. */
async function takeOver(issuer: Opened, wish: z.output<typeof input>, versionId: string) {
  if (wish.make) {
    return makeFirst(issuer, wish, versionId);
  }
  const ask = () => issuer.ask(null, (connector, call) => connector.check(call));
  if (wish.readBack) {
    await asProblem(nothing, ask);
    const externalId = await findExternalId(issuer, wish.externalId);
    const fields = await fieldsReadBack(issuer, wish.fields, externalId);
    const secret = secretOf(issuer, fields);
    await requireAccepted(issuer, fields);
    return { fields, secret, externalId };
  }
  const { fields } = wish;
  const secret = secretOf(issuer, fields);
  await asProblem(nothing, ask);
  await requireAccepted(issuer, fields);
  return { fields, secret, externalId: await findExternalId(issuer, wish.externalId) };
}

async function requireAccepted(issuer: Opened, fields: Fields): Promise<void> {
  const verdict = await asProblem(nothing, () =>
    issuer.ask(null, (connector, call) => connector.verify(call, fields)),
  );
  if (verdict !== 'accepted') {
    const sentence = `${issuer.name} does not accept this secret.`;
    const field = `fields.${issuer.connector.secretField}`;
    throw new Problem(422, 'secret_refused', `${sentence} ${nothing}`, {}, { [field]: sentence });
  }
}

/**
 * Takes over a credential as it is: the issuer is checked for its place, the secret in use is proven by signing in, and
 * sealed. It is given, read back where the issuer can do that, or made here where no other system knows it. Nothing rotates.
 */
export const importCredential = useCase(
  { name: 'import-credential', may: ['operator', 'admin'], stepUp: false, scope: 'credential', input },
  async ({ actor, db }, wish) => {
    const { name, issuerId, place, environment, owner, labels } = wish;
    const row = await db.prisma.issuer.findUnique({ where: { id: issuerId, archivedAt: null } });
    if (row === null) {
      throw notFound('issuer');
    }
    const { plain, secrets } = separateSecrets('place', issuerConnector(row.kind).place, place);
    await checkAddresses('place', plain, secrets);
    const id = newId();
    const sealed = sealFields({ table: 'credentials', id, field: 'sealed' }, secrets);
    const issuer = openIssuer(row, { table: 'credentials', id, place: plain, sealed });
    // Before the secret is sent anywhere, and again where nobody can come between.
    await requireFreePlace(db.prisma, actor, issuerId, issuer, plain);
    const versionId = newId();
    const { fields, secret, externalId } = await takeOver(issuer, wish, versionId);
    await db.prisma.$transaction(async (tx) => {
      await lockPlaces(tx, issuerId);
      await keepIssuer(tx, issuerId);
      await requireFreePlace(tx, actor, issuerId, issuer, plain);
      const other = await tx.credential.findFirst({ where: { name, archivedAt: null } });
      requireFreeName('credential', name, other);
      const belonging = { environment, owner: owner || null, labels };
      await tx.credential.create({
        data: { id, name, issuerId, place: plain as object, sealed, ...belonging },
      });
      await tx.secretVersion.create({
        data: {
          id: versionId,
          credentialId: id,
          n: 1,
          state: 'current',
          externalId,
          sealed: sealFields({ table: 'secret_versions', id: versionId, field: 'sealed' }, fields),
          fingerprint: fingerprint(secret),
        },
      });
      await noteProven(tx, issuerId, wish.make ? 'make' : 'import');
      await record(tx, {
        action: 'credential.created',
        actor: auditActor(actor),
        credentialId: id,
        credential: name,
        ...(wish.make ? { made: true } : {}),
      });
    });
    return { id };
  },
);
