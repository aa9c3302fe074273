import { type Command, textOf, textsOf } from '#cli/command.ts';
import { type Role, roles, system } from '#core/access/actor.ts';
import { createApiClient } from '#core/clients/create-api-client.ts';
import { Problem } from '#lib/problem.ts';

/** Makes an API client without a browser. Its secret is printed, this once. */
export const run: Command['run'] = async (_, values) => {
  const role = roles.find((known): known is Role => known === values.role);
  const name = textOf(values, 'name');
  if (name === undefined || role === undefined) {
    throw new Problem(400, 'usage', `It takes --name and --role, one of ${roles.join(', ')}.`);
  }
  const { id, secret } = await createApiClient(system('command line'), {
    name,
    role,
    environments: textsOf(values, 'environment'),
    labels: textsOf(values, 'label'),
  });
  const value = secret?.expose() ?? '';
  if (values.json === true) {
    console.log(JSON.stringify({ client_id: id, client_secret: value }));
    return;
  }
  console.log(`Client ID:     ${id}\nClient secret: ${value}`);
  console.log('The secret is not shown again. Put it where the program reads it.');
};
