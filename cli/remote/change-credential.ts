import { type Command, textOf, textsOf } from '#cli/command.ts';
import { Api } from '#cli/remote/api.ts';
import { findCredential } from '#cli/remote/credentials.ts';
import { readSettings } from '#cli/remote/settings.ts';
import { Problem } from '#lib/problem.ts';

function requireName(name: string | undefined): string {
  if (name === undefined) throw new Problem(400, 'usage', 'It takes the NAME of a credential.');
  return name;
}

export const credentialsChangeCommand: Command = {
  words: ['credentials', 'change'],
  operands: 1,
  usage: `rekey credentials change NAME [--name N] [--environment E] [--owner O] [--label L …]
      changes what it is called, where it belongs and who looks after it; what is left out stays. --label is given once
      for each label and says all of them; --label '' and --owner '' leave none. Nothing outside is touched`,
  options: {
    name: { type: 'string' },
    environment: { type: 'string' },
    owner: { type: 'string' },
    label: { type: 'string', multiple: true },
  },
  run: async ([given], values) => {
    const name = requireName(given);
    const labels = textsOf(values, 'label');
    const wish = {
      name: textOf(values, 'name'),
      environment: textOf(values, 'environment'),
      owner: textOf(values, 'owner'),
      labels: labels.length === 0 ? undefined : labels.filter((label) => label.trim() !== ''),
    };
    if (Object.values(wish).every((value) => value === undefined)) {
      throw new Problem(400, 'usage', 'Say what to change. Nothing was changed.');
    }
    const api = new Api(readSettings());
    await api.put(`/credentials/${await findCredential(api, name)}`, wish);
    console.log(`Changed: ${wish.name ?? name}`);
  },
};

export const credentialsArchiveCommand: Command = {
  words: ['credentials', 'archive'],
  operands: 1,
  usage: `rekey credentials archive NAME --yes-archive NAME
      lets go of a credential for good, as an admin: its values are erased there, its policy and bindings are taken away.
      Its secret goes on working at the issuer and at its targets`,
  options: { 'yes-archive': { type: 'string' } },
  run: async ([given], values) => {
    const name = requireName(given);
    if (textOf(values, 'yes-archive') !== name) {
      throw new Problem(
        400,
        'usage',
        `Say --yes-archive '${name}' to archive it: it does not come back. Nothing was changed.`,
      );
    }
    const api = new Api(readSettings());
    const id = await findCredential(api, name);
    await api.delete(`/credentials/${id}?${new URLSearchParams({ name })}`);
    console.log(`Archived: ${name}. Nothing outside was touched.`);
  },
};
