import type { AlertRule } from '../../platform';
import type { TargetLabels } from '../labels';
import { argoCdOutOfSync } from './argo-cd-out-of-sync';
import { argoCdUnhealthy } from './argo-cd-unhealthy';
import { argoWorkflowsBehind } from './argo-workflows-behind';
import { argoWorkflowsFailed } from './argo-workflows-failed';
import { codingModelRefused } from './coding-model-refused';
import { codingRecordsDropped } from './coding-records-dropped';
import { codingRecordsWaiting } from './coding-records-waiting';
import { codingServerErrors } from './coding-server-errors';
import { codingSlow } from './coding-slow';
import { codingWithoutModel } from './coding-without-model';
import { cronJobUnsuccessful } from './cron-job-unsuccessful';
import { jobFailed } from './job-failed';
import { keycloakDatabaseWait } from './keycloak-database-wait';
import { keycloakServerErrors } from './keycloak-server-errors';
import { minioDriveOffline } from './minio-drive-offline';
import { minioServerErrors } from './minio-server-errors';
import { minioServerOffline } from './minio-server-offline';
import { minioSpaceLow } from './minio-space-low';
import { mlflowServerErrors } from './mlflow-server-errors';
import { mlflowSlow } from './mlflow-slow';
import { podsMissing } from './pods-missing';
import { postgresConnectionsExhausted } from './postgres-connections-exhausted';
import { postgresDeadlocks } from './postgres-deadlocks';
import { postgresDown } from './postgres-down';
import { postgresLongTransaction } from './postgres-long-transaction';
import { postgresWraparound } from './postgres-wraparound';
import { prometheusAlertsUndelivered } from './prometheus-alerts-undelivered';
import { prometheusRulesFailing } from './prometheus-rules-failing';
import { targetDown } from './target-down';
import { targetMissing } from './target-missing';
import { vaultAuditFailing } from './vault-audit-failing';
import { vaultSealed } from './vault-sealed';
import { vaultWithoutLeader } from './vault-without-leader';

export const MINIO_ALERTS: readonly AlertRule[] = [
  minioDriveOffline,
  minioServerOffline,
  minioSpaceLow,
  minioServerErrors,
];
export const VAULT_ALERTS: readonly AlertRule[] = [vaultSealed, vaultWithoutLeader, vaultAuditFailing];
export const MLFLOW_ALERTS: readonly AlertRule[] = [mlflowServerErrors, mlflowSlow];
export const KEYCLOAK_ALERTS: readonly AlertRule[] = [keycloakServerErrors, keycloakDatabaseWait];
export const ARGO_WORKFLOWS_ALERTS: readonly AlertRule[] = [argoWorkflowsFailed, argoWorkflowsBehind];
export const ARGO_CD_ALERTS: readonly AlertRule[] = [argoCdOutOfSync, argoCdUnhealthy];
export const POSTGRES_ALERTS: readonly AlertRule[] = [
  postgresDown,
  postgresConnectionsExhausted,
  postgresWraparound,
  postgresLongTransaction,
  postgresDeadlocks,
];
export const CODING_ALERTS: readonly AlertRule[] = [
  codingServerErrors,
  codingSlow,
  codingWithoutModel,
  codingModelRefused,
  codingRecordsDropped,
  codingRecordsWaiting,
];

/** What the Prometheus of a platform watches of itself. @param delivers it hands alerts to an Alertmanager */
export function prometheusAlerts(delivers: boolean): readonly AlertRule[] {
  return [prometheusRulesFailing, ...(delivers ? [prometheusAlertsUndelivered] : [])];
}

/** What is watched of the objects of a platform, where kube-state-metrics tells of them. @param platform name of the installation */
export function clusterAlerts(platform: string): readonly AlertRule[] {
  return [jobFailed(platform), cronJobUnsuccessful(platform), podsMissing(platform)];
}

/** What is watched of every endpoint. */
export function targetAlerts(targets: readonly TargetLabels[]): readonly AlertRule[] {
  return targets.length === 0 ? [] : [targetDown, targetMissing(targets)];
}
