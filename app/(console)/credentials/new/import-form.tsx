'use client';

import { useRouter } from 'next/navigation';
import { textOf, valuesOf, wordsOf } from '#app/_components/form-values.ts';
import { SecretInput, TextInput } from '#app/_components/input-frame.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { RareInputs, SchemaFields } from '#app/_components/schema-fields.tsx';
import { FormPart, SchemaForm } from '#app/_components/schema-form.tsx';
import { common } from '#app/_words/common.ts';
import { secretInUse, importForm as words } from '#app/_words/import.ts';
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
    labels: wordsOf(data, 'labels'),
    place,
    fields: { ...(typeof clientId === 'string' ? { clientId } : {}), [kind.secretField]: secret },
    externalId: textOf(data, 'externalId'),
  };
}

/** Asked where the issuer can hold several secrets, and folded away where it can mostly tell by itself. */
function WhichSecret({ issuer }: { issuer: IssuerRow }) {
  const input = { name: 'externalId', label: secretInUse.externalId, spellCheck: false };
  switch (issuer.mustNameSecret) {
    case 'never':
      return null;
    case 'always':
      return <TextInput {...input} hint={words.externalIdNeeded(issuer.name)} required />;
    default:
      return (
        <RareInputs titles={[input.label]} names={[input.name]}>
          <TextInput {...input} hint={words.externalIdAbout} />
        </RareInputs>
      );
  }
}

/** Takes over a credential as it is, its place entered by hand. */
export function ImportForm({ issuer, kind }: { issuer: IssuerRow; kind: IssuerKind }) {
  const router = useRouter();
  return (
    <SchemaForm
      send={(data) => sendImport(wishOf(data, issuer.id, kind))}
      onDone={({ id }) => router.push(`/credentials/${id}`)}
      submit={words.submit}
      sending={secretInUse.signingIn}
      cancel="/credentials"
    >
      <Notice tone="info">{words.about}</Notice>
      <FormPart title={words.credential}>
        <TextInput name="name" label={common.name} hint={words.nameAbout} required maxLength={100} />
        <BelongingInputs />
      </FormPart>
      {kind.placeForm.length > 0 && (
        <FormPart title={words.place(issuer.name)}>
          <SchemaFields part="place" fields={kind.placeForm} />
        </FormPart>
      )}
      <FormPart title={secretInUse.title} about={words.secretAbout}>
        <SecretInput name={`fields.${kind.secretField}`} label={nameWords(kind.secretField)} required />
        <WhichSecret issuer={issuer} />
      </FormPart>
    </SchemaForm>
  );
}
