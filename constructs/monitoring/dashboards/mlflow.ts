import type { MetricsDashboard } from '../../platform';

/** Experiments and models. */
export const MLFLOW_DASHBOARD: MetricsDashboard = {
  uid: 'bouture-mlflow',
  title: 'Bouture: MLflow',
  panels: [
    {
      title: 'Requests',
      unit: 'reqps',
      queries: [{ expr: 'sum by (status) (rate(mlflow_http_request_total{job="mlflow"}[5m]))', legend: '{{status}}' }],
    },
    {
      title: 'Nineteen of twenty answers take at most',
      unit: 'seconds',
      queries: [
        {
          expr: 'histogram_quantile(0.95, sum by (le) (rate(mlflow_http_request_duration_seconds_bucket{job="mlflow"}[5m])))',
          legend: '95 %',
        },
        {
          expr: 'histogram_quantile(0.5, sum by (le) (rate(mlflow_http_request_duration_seconds_bucket{job="mlflow"}[5m])))',
          legend: '50 %',
        },
      ],
    },
  ],
};
