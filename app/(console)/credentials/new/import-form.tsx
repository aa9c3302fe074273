'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
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
  const make = data.get('source') === 'make';
  const secret = String(data.get(`fields.${kind.secretField}`) ?? '');
  const { clientId } = place;
  return {
    issuerId,
    name: textOf(data, 'name') ?? '',
    environment: textOf(data, 'environment') ?? '',
    owner: textOf(data, 'owner'),
    labels: wordsOf(data, 'labels'),
    place,
    fields: {
      ...(typeof clientId === 'string' ? { clientId } : {}),
      ...(make ? {} : { [kind.secretField]: secret }),
    },
    make,
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

type Source = 'make' | 'paste';

/** Where no other system knows the secret, there need not be one yet. */
function SourceChoice({ source, choose }: { source: Source; choose(source: Source): void }) {
  return (
    <div role="radiogroup" aria-label={words.firstValue} className="flex flex-col gap-1">
      {(['make', 'paste'] as const).map((one) => (
        <label key={one} className="flex min-h-6 items-center gap-2 text-sm pointer-coarse:min-h-11">
          <input
            type="radio"
            name="source"
            value={one}
            checked={source === one}
            onChange={() => choose(one)}
            className="size-4 accent-accent"
          />
          {words.sources[one]}
        </label>
      ))}
    </div>
  );
}

/** The secret in use, or the choice to have the first one made. */
function Secret({ issuer, kind, source, choose }: Props & Parameters<typeof SourceChoice>[0]) {
  if (source === 'make') {
    return (
      <FormPart title={words.firstValue} about={words.makeAbout}>
        <SourceChoice source={source} choose={choose} />
      </FormPart>
    );
  }
  return (
    <FormPart title={kind.canMakeFirst ? words.firstValue : secretInUse.title} about={words.secretAbout}>
      {kind.canMakeFirst && <SourceChoice source={source} choose={choose} />}
      <SecretInput name={`fields.${kind.secretField}`} label={nameWords(kind.secretField)} required />
      <WhichSecret issuer={issuer} />
    </FormPart>
  );
}

interface Props {
  issuer: IssuerRow;
  kind: IssuerKind;
}

/** Takes over a credential as it is, its place entered by hand; or begins one of which only Rekey and its targets will know. */
export function ImportForm({ issuer, kind }: Props) {
  const router = useRouter();
  const [source, choose] = useState<Source>(kind.canMakeFirst ? 'make' : 'paste');
  const makes = source === 'make';
  return (
    <SchemaForm
      send={(data) => sendImport(wishOf(data, issuer.id, kind))}
      onDone={({ id }) => router.push(makes ? `/credentials/${id}/bindings/new` : `/credentials/${id}`)}
      submit={makes ? words.create : words.submit}
      sending={makes ? common.adding : secretInUse.signingIn}
      cancel="/credentials"
    >
      {!kind.canMakeFirst && <Notice tone="info">{words.about}</Notice>}
      <FormPart title={words.credential}>
        <TextInput name="name" label={common.name} hint={words.nameAbout} required maxLength={100} />
        <BelongingInputs />
      </FormPart>
      {kind.placeForm.length > 0 && (
        <FormPart title={words.place(issuer.name)}>
          <SchemaFields part="place" fields={kind.placeForm} />
        </FormPart>
      )}
      <Secret issuer={issuer} kind={kind} source={source} choose={choose} />
    </SchemaForm>
  );
}
