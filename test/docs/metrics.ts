/** Renders the table of metrics. */
import { type MetricDefinition, metricTable } from '../../src/observe/metric-table.ts';
import { code, markdownTable } from './markdown.ts';

export function metricsTable(): string {
  const metrics: readonly MetricDefinition[] = Object.values(metricTable);
  return markdownTable(
    ['Metric', 'Type', 'Labels', 'Meaning'],
    metrics.map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(', '), help]),
  );
}
