import { z } from 'zod';

export const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

const count = z.int().default(0);

/** The parts of a workload that tell how its rollout is going, for all three kinds. */
export const workloadAnswer = z.object({
  metadata: z.object({ generation: z.int() }),
  spec: z.object({
    replicas: z.int().optional(),
    paused: z.boolean().default(false),
    updateStrategy: z
      .object({
        type: z.string().default('RollingUpdate'),
        rollingUpdate: z.object({ partition: z.int().nullish() }).nullish(),
      })
      .optional(),
  }),
  status: z
    .object({
      observedGeneration: count,
      replicas: count,
      updatedReplicas: count,
      readyReplicas: count,
      availableReplicas: count,
      desiredNumberScheduled: count,
      updatedNumberScheduled: count,
      numberAvailable: count,
      currentRevision: z.string().optional(),
      updateRevision: z.string().optional(),
      conditions: z.array(z.object({ type: z.string(), reason: z.string().optional() })).default([]),
    })
    .prefault({}),
});

export type Workload = z.output<typeof workloadAnswer>;

/** Why a changed pod template would leave pods as they are, with the old Secret; undefined where it does not. */
export function obstacle({ spec }: Workload): string | undefined {
  if (spec.paused) return 'its rollout is paused';
  if (spec.updateStrategy?.type === 'OnDelete') return 'its update strategy is OnDelete';
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  return partition > 0 ? `its update strategy has a partition of ${partition}` : undefined;
}

/**
 * How a rollout is going, judged as `kubectl rollout status` does, except that pods under a partition are waited for too:
 * they have the old Secret. `generation` is the one that the restart made: what
 * the controller says before it has seen that one is about an older rollout.
 * https://github.com/kubernetes/kubectl/blob/master/pkg/polymorphichelpers/rollout_status.go
 */
export function rolloutState(
  kind: (typeof workloadKinds)[number],
  workload: Workload,
  generation: number,
): 'running' | 'done' | 'failed' {
  const { metadata, status } = workload;
  if (status.observedGeneration < Math.max(metadata.generation, generation)) return 'running';
  if (kind === 'Deployment') return deploymentState(workload);
  const isDone = kind === 'DaemonSet' ? isDaemonSetDone(workload) : isStatefulSetDone(workload);
  return isDone ? 'done' : 'running';
}

function deploymentState({ spec, status }: Workload): 'running' | 'done' | 'failed' {
  const progress = status.conditions.find(({ type }) => type === 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded') return 'failed';
  const isDone =
    status.updatedReplicas >= (spec.replicas ?? 1) &&
    status.replicas <= status.updatedReplicas &&
    status.availableReplicas >= status.updatedReplicas;
  return isDone ? 'done' : 'running';
}

function isDaemonSetDone({ status }: Workload): boolean {
  const { desiredNumberScheduled, updatedNumberScheduled, numberAvailable } = status;
  return updatedNumberScheduled >= desiredNumberScheduled && numberAvailable >= desiredNumberScheduled;
}

function isStatefulSetDone({ spec, status }: Workload): boolean {
  const replicas = spec.replicas ?? 1;
  if (status.readyReplicas < replicas) return false;
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? null;
  if (partition !== null) return status.updatedReplicas >= replicas;
  return status.updateRevision === status.currentRevision;
}
