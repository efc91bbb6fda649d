import type { MetricsDashboard } from '../../platform';

/** The service that codes descriptions. */
export const CODING_DASHBOARD: MetricsDashboard = {
  uid: 'bouture-coding',
  title: 'Bouture: coding service',
  panels: [
    {
      title: 'Coded by itself',
      kind: 'number',
      unit: 'percentunit',
      queries: [
        {
          expr: 'sum(rate(nace_coded_total{job="fasttext-inference",decision="auto"}[1h])) / sum(rate(nace_coded_total{job="fasttext-inference"}[1h]))',
          legend: 'auto',
        },
      ],
    },
    {
      title: 'Records that wait',
      kind: 'number',
      unit: 'bytes',
      queries: [{ expr: 'sum(nace_records_waiting_bytes{job="fasttext-inference"})', legend: 'waiting' }],
    },
    {
      title: 'Versions that serve',
      unit: 'short',
      queries: [
        {
          expr: 'count by (slot, model, version) (nace_model_info{job="fasttext-inference"})',
          legend: '{{slot}} {{model}} {{version}}',
        },
      ],
    },
    {
      title: 'Requests',
      unit: 'reqps',
      queries: [
        {
          expr: 'sum by (route, status) (rate(nace_request_duration_seconds_count{job="fasttext-inference"}[5m]))',
          legend: '{{route}} {{status}}',
        },
      ],
    },
    {
      title: 'Ninety-nine of a hundred answers take at most',
      unit: 'seconds',
      queries: [
        {
          expr: 'histogram_quantile(0.99, sum by (le, route) (rate(nace_request_duration_seconds_bucket{job="fasttext-inference"}[5m])))',
          legend: '{{route}}',
        },
      ],
    },
    {
      title: 'Descriptions',
      unit: 'ops',
      queries: [
        { expr: 'sum by (decision) (rate(nace_coded_total{job="fasttext-inference"}[5m]))', legend: '{{decision}}' },
      ],
    },
    {
      title: 'Confidence',
      unit: 'short',
      queries: [
        {
          expr: 'histogram_quantile(0.5, sum by (le) (rate(nace_confidence_bucket{job="fasttext-inference"}[1h])))',
          legend: 'median',
        },
        { expr: 'max(nace_confidence_threshold{job="fasttext-inference"})', legend: 'threshold' },
      ],
    },
    {
      title: 'Records',
      unit: 'ops',
      queries: [
        { expr: 'sum(rate(nace_records_total{job="fasttext-inference"}[5m]))', legend: 'kept' },
        { expr: 'sum(rate(nace_records_dropped_total{job="fasttext-inference"}[5m]))', legend: 'lost' },
        { expr: 'sum(rate(nace_records_upload_failures_total{job="fasttext-inference"}[5m]))', legend: 'not taken' },
      ],
    },
  ],
};
