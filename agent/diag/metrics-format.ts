/**
 * The text exposition format of Prometheus: a metric with its samples as lines.
 */
export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number | undefined];
export type Metric = readonly [
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  samples: readonly Sample[],
];

export function metricText([name, type, help, samples]: Metric): string {
  const known = samples.flatMap(([labels, value]) =>
    value === undefined || !Number.isFinite(value)
      ? []
      : [`${name}${labelText(labels)} ${value}\n`],
  );
  if (known.length === 0) return '';
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${known.join('')}`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

export function gauge(name: string, help: string, ...samples: readonly Sample[]): Metric {
  return [`sag_${name}`, 'gauge', help, samples];
}

export function counter(name: string, help: string, ...samples: readonly Sample[]): Metric {
  return [`sag_${name}_total`, 'counter', help, samples];
}

export function single(value: number | undefined): Sample {
  return [{}, value];
}
