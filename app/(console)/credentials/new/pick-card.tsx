'use client';

import { useId, useState } from 'react';
import { fill } from '#app/_components/fill.tsx';
import { textOf, wordsOf } from '#app/_components/form-values.ts';
import { absoluteTime } from '#app/_components/format-time.ts';
import { InputFrame, SecretInput, TextInput } from '#app/_components/input-frame.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { FormPart } from '#app/_components/schema-form.tsx';
import { SentenceLink } from '#app/_components/text-link.tsx';
import { common } from '#app/_words/common.ts';
import { secretInUse, pickCard as words } from '#app/_words/import.ts';
import { nameWords } from '#app/_words/names.ts';
import type { Result } from '#app/(console)/credentials/new/pick-result.ts';
import type { ImportWish } from '#app/(console)/credentials/new/send-import.ts';
import type { BrowsedRow } from '#core/issuers/browse-issuer.ts';

interface Issuer {
  id: string;
  name: string;
  secretField: string;
}

/** The name of one input of one picked thing; a refusal calls it `name`. */
export const inputOf = (index: number, name: string) => `${index}.${name}`;

/** The wish that the inputs of one picked thing make. The client ID is part of the version, so that targets can have it. */
export function wishOf(
  data: FormData,
  index: number,
  { place }: BrowsedRow,
  { id: issuerId, secretField }: Issuer,
): ImportWish {
  const readBack = data.get(inputOf(index, 'source')) === 'readBack';
  const secret = String(data.get(inputOf(index, `fields.${secretField}`)) ?? '');
  const { clientId } = place;
  return {
    issuerId,
    name: textOf(data, inputOf(index, 'name')) ?? '',
    environment: textOf(data, 'environment') ?? '',
    owner: textOf(data, 'owner'),
    labels: wordsOf(data, 'labels'),
    place,
    fields: {
      ...(typeof clientId === 'string' ? { clientId } : {}),
      ...(readBack ? {} : { [secretField]: secret }),
    },
    readBack,
    externalId: textOf(data, inputOf(index, 'externalId')),
  };
}

/** Which of several secrets is the one in use. Nothing is chosen beforehand: a wrong one would be retired later. */
function WhichSecret({ index, secrets }: { index: number } & Pick<BrowsedRow, 'secrets'>) {
  const facts = ({ externalId, createdAt, lastUsedAt }: BrowsedRow['secrets'][number]) =>
    [
      externalId,
      ...(createdAt === null ? [] : [words.made(absoluteTime(createdAt))]),
      ...(lastUsedAt === null ? [] : [words.lastUsed(absoluteTime(lastUsedAt))]),
    ].join(', ');
  return (
    <InputFrame name={inputOf(index, 'externalId')} label={words.which} required>
      {(control) => (
        <select {...control} defaultValue="">
          <option value="">{words.choose}</option>
          {secrets.map((secret) => (
            <option key={secret.externalId} value={secret.externalId}>
              {facts(secret)}
            </option>
          ))}
        </select>
      )}
    </InputFrame>
  );
}

type Source = 'readBack' | 'paste';

function SourceChoice({
  index,
  source,
  choose,
}: {
  index: number;
  source: Source;
  choose: (source: Source) => void;
}) {
  const id = useId();
  return (
    <div role="radiogroup" aria-labelledby={id} className="flex flex-col gap-1">
      <p id={id} className="text-sm font-medium">
        {secretInUse.title}
      </p>
      {(['readBack', 'paste'] as const).map((one) => (
        <label key={one} className="flex min-h-6 items-center gap-2 text-sm">
          <input
            type="radio"
            name={inputOf(index, 'source')}
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

/** What must be said of one picked thing, and what became of it. */
export function PickCard({
  index,
  item,
  issuer,
  result,
}: {
  index: number;
  item: BrowsedRow;
  issuer: Issuer;
  result: Result | null;
}) {
  const { label, secrets, canReadBack, maxLive } = item;
  const [source, choose] = useState<Source>(canReadBack ? 'readBack' : 'paste');
  if (result?.state === 'done') {
    return (
      <Notice tone="good" live>
        {fill(words.imported, {
          name: <SentenceLink href={`/credentials/${result.id}`}>{result.name}</SentenceLink>,
        })}
      </Notice>
    );
  }
  const errors = result?.state === 'failed' ? (result.answer.fields ?? {}) : {};
  // The issuer may have come to hold several since it was asked.
  const isAskedFor = secrets.length <= 1 && errors.externalId !== undefined;
  const mustName = isAskedFor || (secrets.length === 0 && (maxLive > 1 || source === 'readBack'));
  const inputs = [
    'name',
    'externalId',
    'environment',
    'owner',
    'labels',
    ...(source === 'paste' ? [`fields.${issuer.secretField}`] : []),
  ];
  return (
    <FormPart title={label}>
      <TextInput
        name={inputOf(index, 'name')}
        label={common.name}
        defaultValue={label}
        required
        maxLength={100}
      />
      {canReadBack && <SourceChoice index={index} source={source} choose={choose} />}
      {source === 'paste' && (
        <SecretInput
          name={inputOf(index, `fields.${issuer.secretField}`)}
          label={nameWords(issuer.secretField)}
          hint={words.secretAbout}
          required
        />
      )}
      {secrets.length > 1 && <WhichSecret index={index} secrets={secrets} />}
      {mustName && (
        <TextInput
          name={inputOf(index, 'externalId')}
          label={secretInUse.externalId}
          required
          spellCheck={false}
        />
      )}
      {result?.state === 'sending' && <p className="text-sm text-quiet">{secretInUse.signingIn}</p>}
      {result?.state === 'failed' && (
        <Notice tone="bad" live>
          {sentenceOf(result.answer, inputs)}
        </Notice>
      )}
    </FormPart>
  );
}

/** Where every fault stands beside its input, the sentence only points there. */
function sentenceOf(
  { code, message, fields = {} }: Extract<Result, { state: 'failed' }>['answer'],
  inputs: readonly string[],
): string {
  const names = Object.keys(fields);
  if (names.length > 0 && names.every((name) => inputs.includes(name))) {
    return words.marked;
  }
  // Core's own sentence on bad input names inputs as programs know them.
  return code === 'bad_input' && names.length > 0 ? words.notSaved(Object.values(fields).join(' ')) : message;
}
