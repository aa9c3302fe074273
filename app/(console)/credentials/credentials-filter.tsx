import Form from 'next/form';
import { Button } from '#app/_components/button.tsx';
import { Chips, Choice, Views } from '#app/_components/choice-filter.tsx';
import { Field } from '#app/_components/field.tsx';
import { Fold } from '#app/_components/fold.tsx';
import { addressOf } from '#app/_doors/query.ts';
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
    q: 'Search',
    issuer: 'Issuer',
    target: 'Target',
    environment: 'Environment',
    label: 'Label',
    owner: 'Owner',
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
    { name: 'All', href: listAddress({ ...asked, state: undefined }), here: asked.state === undefined },
    ...Object.entries(stateWords).map(([state, name]) => ({
      name,
      href: listAddress({ ...asked, state }),
      here: asked.state === state,
    })),
  ];
  return (
    <>
      <Views label="Views" views={views} />
      {/* Another question makes another form: what stands in an input is of the question that is shown. */}
      <Form
        key={listAddress(asked)}
        action={PATH}
        role="search"
        aria-label="Credentials"
        className="mb-4 grid items-end gap-3 min-[22rem]:grid-cols-2 lg:grid-cols-4 xl:grid-cols-[1.6fr_1fr_1fr_1fr_1fr_1fr_auto]"
      >
        {asked.state !== undefined && <input type="hidden" name="state" value={asked.state} />}
        {asked.target !== undefined && <input type="hidden" name="target" value={asked.target} />}
        <Field
          label="Search"
          name="q"
          type="search"
          defaultValue={asked.q}
          placeholder="Name, owner or label"
          data-search
          className="min-[22rem]:max-lg:col-span-2"
        />
        <Fold label="More filters">
          <Choice label="Issuer" name="issuer" value={asked.issuer} none="All issuers">
            {choices.issuers.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Choice>
          <Choice label="Environment" name="environment" value={asked.environment} none="All environments">
            {choices.environments.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Choice>
          <Choice label="Owner" name="owner" value={asked.owner} none="All owners">
            {choices.owners.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Choice>
          <Choice label="Label" name="label" value={asked.label} none="All labels">
            {choices.labels.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Choice>
          <Choice label="Sort by" name="sort" value={asked.sort} none={orderWords.name}>
            <option value="age">{orderWords.age}</option>
            <option value="next">{orderWords.next}</option>
          </Choice>
        </Fold>
        <Button type="submit">Filter</Button>
      </Form>
      <Chips chips={chipsOf(asked, { issuer: issuerName ?? 'unknown', target: targetName ?? 'unknown' })} />
    </>
  );
}
