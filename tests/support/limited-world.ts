import { randomUUID } from 'node:crypto';
import type { Actor, Role, Scope } from '#core/access/actor.ts';
import { record } from '#core/audit/record.ts';
import { db } from '#lib/db.ts';

export const production: Scope = { environments: ['production'], labels: [] };
export const payments: Scope = { environments: [], labels: ['payments'] };

/** Somebody with limits, whose password was given a moment ago. */
export function limitedActor(scope: Scope | undefined, role: Role = 'operator'): Actor {
  const stepUpAt = new Date(Date.now() + 86_400_000);
  const base = { kind: 'user' as const, id: randomUUID(), name: 'Ada', role, stepUpAt };
  return scope === undefined ? base : { ...base, scope };
}

/** One credential, and whatever leads to it. */
export interface LimitedWorld {
  credentialId: string;
  rotationId: string;
  bindingId: string;
  findingId: string;
  batchId: string;
  credentialIds: string[];
}

/** The issuer, the target and the policy that all credentials of a test have in common. */
export async function sharedParts() {
  const { prisma } = db();
  const issuer =
    (await prisma.issuer.findFirst({ where: { name: 'Vendor' } })) ??
    (await prisma.issuer.create({ data: { name: 'Vendor', kind: 'assisted', config: {} } }));
  const target =
    (await prisma.target.findFirst({ where: { name: 'Vendor' } })) ??
    (await prisma.target.create({ data: { name: 'Vendor', kind: 'manual', config: {} } }));
  const policy = await prisma.policy.upsert({
    where: { name: 'Vendor' },
    update: {},
    create: { name: 'Vendor', intervalSeconds: 86_400, timeZone: 'UTC', graceSeconds: 60 },
  });
  return { issuerId: issuer.id, targetId: target.id, policyId: policy.id };
}

/**
 * A credential with a rotation that waits for approvals, a request to break the glass, a rotation that has completed, a binding, a finding,
 * a next run, a stopped batch and an event. All credentials made so have one issuer, one target and one policy.
 */
export async function limitedWorld(
  name: string,
  environment: string,
  labels: string[],
): Promise<LimitedWorld> {
  const { prisma } = db();
  const { issuerId, targetId, policyId } = await sharedParts();
  const data = { name, issuerId, place: { name }, environment, labels, owner: `owner of ${name}` };
  const { id: credentialId } = await prisma.credential.create({ data });
  const rotation = {
    credentialId,
    strategy: 'overlap',
    priority: 'manual',
    requestedBy: { kind: 'user', id: null, name: 'Grace' },
    planDigest: 'd',
    graceSeconds: 60,
    predictedGapSeconds: 0,
  };
  const rotationId = randomUUID();
  const endedAt = new Date();
  await prisma.rotation.create({
    data: { ...rotation, id: randomUUID(), phase: 'done', outcome: 'completed', endedAt },
  });
  await prisma.rotation.create({
    data: { ...rotation, id: rotationId, phase: 'preflight', hold: 'approval_pending' },
  });
  const until = new Date(Date.now() + 86_400_000);
  const requestedBy = rotation.requestedBy;
  await prisma.glassBreak.create({
    data: { rotationId, credentialId, state: 'asked', requestedBy, reason: `leak of ${name}`, until },
  });
  const binding = { credentialId, targetId, place: {}, fields: { clientSecret: name }, needs: 'delivered' };
  const { id: bindingId } = await prisma.binding.create({ data: binding });
  const found = { credentialId, kind: 'unknown_secret', detail: `found at ${name}` };
  const { id: findingId } = await prisma.finding.create({ data: found });
  const dueAt = new Date(Date.now() + 86_400_000);
  await prisma.policyAssignment.create({ data: { credentialId, policyId, slot: dueAt, dueAt } });
  const batchId = randomUUID();
  const batch = { state: 'stopped', maxConcurrency: 1, stopOnFailure: true, graceSeconds: 60 };
  await prisma.batch.create({
    data: {
      ...batch,
      id: batchId,
      reason: `reason of ${name}`,
      listDigest: 'd',
      startedBy: rotation.requestedBy,
      members: { create: { position: 0, credentialId, expectedSeconds: 1 } },
    },
  });
  await record(prisma, {
    action: 'credential.created',
    actor: { kind: 'system', id: null, name: 'test' },
    credentialId,
    credential: name,
  });
  return { credentialId, rotationId, bindingId, findingId, batchId, credentialIds: [credentialId] };
}
