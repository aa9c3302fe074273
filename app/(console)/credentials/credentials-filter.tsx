import Form from 'next/form';
import { Button } from '#app/_components/button.tsx';
import { Chips, Choice, Views } from '#app/_components/choice-filter.tsx';
import { Field } from '#app/_components/field.tsx';
import { Fold } from '#app/_components/fold.tsx';
import { addressOf } from '#app/_doors/query.ts';
import { common } from '#app/_words/common.ts';
import { credentialFilter as words } from '#app/_words/credentials.ts';
import { orderWords, stateWords } from '#app/_words/states.ts';
import type { listChoices } from '#core/credentials/list-choices.ts';

/** What the address of the list asks for. */
export interface Asked {
  q: string | undefined;
  state: string | undefined;
  issuer: string | undefined;
  target: string | undefined;
  environment: string | undefined;
  label: string | undefined;
  owner: string | undefined;
  sort: string | undefined;
}

type Choices = Awaited<ReturnType<typeof listChoices>>;

const PATH = '/credentials';

/** The address of the list, its first page. */
export const listAddress = (asked: Partial<Asked>) => addressOf(PATH, asked);

function chipsOf(asked: Asked, named: { issuer: string; target: string }) {
  const shown = {
    q: words.search,
    issuer: words.issuer,
    target: words.target,
    environment: common.environment,
    label: words.label,
    owner: words.owner,
  };
  return Object.entries(shown).flatMap(([key, name]) => {
    const value = asked[key as keyof typeof shown];
    if (value === undefined) {
      return [];
    }
    const spoken = key === 'issuer' ? named.issuer : key === 'target' ? named.target : value;
    // The switch at the top would fill in the environment again, so all of them are asked for.
    const rest = { ...asked, [key]: key === 'environment' ? 'all' : undefined };
    return [{ name, value: spoken, without: listAddress(rest) }];
  });
}

/** Views, search and filters of the list. Works without script. */
export function CredentialsFilter({
  asked,
  choices,
  targetName,
}: {
  asked: Asked;
  choices: Choices;
  targetName: string | undefined;
}) {
  const issuerName = choices.issuers.find(({ id }) => id === asked.issuer)?.name;
  const views = [
    { name: common.all, href: listAddress({ ...asked, state: undefined }), here: asked.state === undefined },
    ...Object.entries(stateWords).map(([state, name]) => ({
      name,
      href: listAddress({ ...asked, state }),
      here: asked.state === state,
    })),
  ];
  return (
    <>
      <Views label={words.views} views={views} />
      {/* Another question makes another form: what stands in an input is of the question that is shown. */}
      <Form
        key={listAddress(asked)}
        action={PATH}
        role="search"
        aria-label={words.title}
        className="mb-4 grid items-end gap-3 min-[22rem]:grid-cols-2 lg:grid-cols-4 xl:grid-cols-[1.6fr_1fr_1fr_1fr_1fr_1fr_auto]"
      >
        {asked.state !== undefined && <input type="hidden" name="state" value={asked.state} />}
        {asked.target !== undefined && <input type="hidden" name="target" value={asked.target} />}
        <Field
          label={words.search}
          name="q"
          type="search"
          defaultValue={asked.q}
          placeholder={words.searchIn}
          data-search
          className="min-[22rem]:max-lg:col-span-2"
        />
        <Fold label={words.more}>
          <Choice label={words.issuer} name="issuer" value={asked.issuer} none={words.anyIssuer}>
            {choices.issuers.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Choice>
          <Choice
            label={common.environment}
            name="environment"
            value={asked.environment}
            none={words.anyEnvironment}
          >
            {choices.environments.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Choice>
          <Choice label={words.owner} name="owner" value={asked.owner} none={words.anyOwner}>
            {choices.owners.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Choice>
          <Choice label={words.label} name="label" value={asked.label} none={words.anyLabel}>
            {choices.labels.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Choice>
          <Choice label={words.order} name="sort" value={asked.sort} none={orderWords.name}>
            <option value="age">{orderWords.age}</option>
            <option value="next">{orderWords.next}</option>
          </Choice>
        </Fold>
        <Button type="submit">{words.submit}</Button>
      </Form>
      <Chips
        chips={chipsOf(asked, { issuer: issuerName ?? words.unknown, target: targetName ?? words.unknown })}
      />
    </>
  );
}
