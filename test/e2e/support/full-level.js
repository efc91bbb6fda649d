module.exports = {
  /**
   * Files that run at the full level only: each takes minutes, and together with a first build of all programs they would not fit into
   * the time that a change may take.
   */
  FULL_LEVEL_FILES: [
    '05-quickstart.test.ts',
    'apply.e2e.test.ts',
    'argo-cd-minimal-local.e2e.test.ts',
    'argo-cd-minimal.e2e.test.ts',
    'argo-cd-platform.e2e.test.ts',
    'argo-cd.e2e.test.ts',
    'argo-definitions.e2e.test.ts',
    'argo-workflows.e2e.test.ts',
    'catalog-services.e2e.test.ts',
    'external.e2e.test.ts',
    'gitops-secrets.e2e.test.ts',
    'gpu.e2e.test.ts',
    'keycloak-backup.e2e.test.ts',
    'keycloak-realm.e2e.test.ts',
    'metrics-programs.e2e.test.ts',
    'metrics.e2e.test.ts',
    'monitoring-login.e2e.test.ts',
    'nace-coding.e2e.test.ts',
    'people.e2e.test.ts',
    'postgres-database.e2e.test.ts',
    'postgres-scripts.e2e.test.ts',
    'sspcloud-faults.e2e.test.ts',
    'sspcloud-spaces.e2e.test.ts',
    'tenancy-annotation.e2e.test.ts',
    'tenancy-argo.e2e.test.ts',
    'tenancy-identity.e2e.test.ts',
    'tenancy-mlflow.e2e.test.ts',
    'tenancy-secrets.e2e.test.ts',
    'vault-realm-openbao.e2e.test.ts',
    'vault-realm.e2e.test.ts',
    'vault-seal-openbao.e2e.test.ts',
    'vault-seal.e2e.test.ts',
    'vault-workloads.e2e.test.ts',
    'workload-pipeline.e2e.test.ts',
  ],
  /** True with BOUTURE_E2E=full. */
  isFull: process.env['BOUTURE_E2E'] === 'full',
};
