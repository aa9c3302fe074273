import type { Metric } from '#core/rotation/read-metrics.ts';

const labelled = (labels: Readonly<Record<string, string>> = {}) => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

/** Metrics in Prometheus' text exposition format 0.0.4. Labels are ours and need no escaping. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, help, values }) =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} gauge`,
        ...values.map(({ labels, value }) => `${name}${labelled(labels)} ${value}`),
        '',
      ].join('\n'),
    )
    .join('');
}
