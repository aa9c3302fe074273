import type { Change, Planning } from '#cli/apply/change.ts';
import { planConfigured } from '#cli/apply/plan-configured.ts';
import { planCredentials } from '#cli/apply/plan-credentials.ts';
import { planPolicies } from '#cli/apply/plan-policies.ts';
import type { Server } from '#cli/apply/server.ts';
import { FileFaults, type Source } from '#cli/apply/source.ts';

/**
 * What is to be done so that the installation is as the file says, in the order in which it is done. What is there and not in
 * the file is left alone. Throws `FileFaults` with all that is wrong with the file.
 */
export function planChanges(source: Source, server: Server, options: { renews: boolean }): Change[] {
  const planning: Planning = { source, server, renews: options.renews, faults: [] };
  const changes = [...planConfigured(planning), ...planPolicies(planning), ...planCredentials(planning)];
  if (planning.faults.length > 0) throw new FileFaults(planning.faults);
  return changes;
}
