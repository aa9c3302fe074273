'use client';

import { useRouter } from 'next/navigation';
import { textOf, valuesOf } from '#app/_components/form-values.ts';
import { SecretInput, TextInput } from '#app/_components/input-frame.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { SchemaFields } from '#app/_components/schema-fields.tsx';
import { FormPart, SchemaForm } from '#app/_components/schema-form.tsx';
import { nameWords } from '#app/_words/names.ts';
import { BelongingInputs } from '#app/(console)/credentials/new/belonging.tsx';
import { type ImportWish, sendImport } from '#app/(console)/credentials/new/send-import.ts';
import type { IssuerKind } from '#core/issuers/list-issuer-kinds.ts';
import type { IssuerRow } from '#core/issuers/list-issuers.ts';

/** The wish that the form's inputs make. The client ID is part of the version too, so that targets can have it. */
function wishOf(data: FormData, issuerId: string, kind: IssuerKind): ImportWish {
  const place = valuesOf(kind.placeForm, 'place', data);
  const secret = String(data.get(`fields.${kind.secretField}`) ?? '');
  const { clientId } = place;
  return {
    issuerId,
    name: textOf(data, 'name') ?? '',
    environment: textOf(data, 'environment') ?? '',
    owner: textOf(data, 'owner'),
    place,
    fields: { ...(typeof clientId === 'string' ? { clientId } : {}), [kind.secretField]: secret },
    externalId: textOf(data, 'externalId'),
  };
}

/** Takes over a credential as it is, its place entered by hand. */
export function ImportForm({ issuer, kind }: { issuer: IssuerRow; kind: IssuerKind }) {
  const router = useRouter();
  return (
    <SchemaForm
      send={(data) => sendImport(wishOf(data, issuer.id, kind))}
      onDone={({ id }) => router.push(`/credentials/${id}`)}
      submit="Import credential"
      sending="Signing in with it…"
      cancel="/credentials"
    >
      <Notice tone="info">
        Nothing rotates. Rekey signs in once with the secret in use, to prove that it works, and seals it.
      </Notice>
      <FormPart title="Credential">
        <TextInput name="name" label="Name" hint="As your team calls it." required maxLength={100} />
        <BelongingInputs />
      </FormPart>
      {kind.placeForm.length > 0 && (
        <FormPart title={`Its place at ${issuer.name}`}>
          <SchemaFields part="place" fields={kind.placeForm} />
        </FormPart>
      )}
      <FormPart title="The secret in use today" about="It is not shown again, here or anywhere.">
        <SecretInput name={`fields.${kind.secretField}`} label={nameWords(kind.secretField)} required />
        {kind.hasApi && (
          <TextInput
            name="externalId"
            label="The issuer’s ID of this secret"
            hint="Needed only where the issuer holds several secrets: Rekey then names them."
            spellCheck={false}
          />
        )}
      </FormPart>
    </SchemaForm>
  );
}
