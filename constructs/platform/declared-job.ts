import type { Construct } from 'constructs';
import type { Component } from './component';
import { contentHash } from './content-hash';
import { k8s } from './kubernetes';
import type { RecommendedLabels } from './labels';
import { atStep } from './layer';
import { lazily } from './lazily';

/** One try may wait minutes for its server; the tries that the back-off limit allows take about half an hour. */
const DEADLINE_SECONDS = 3600;
const BACKOFF_LIMIT = 10;

export interface DeclaredJobProps {
  /** Part of its name behind the component's, and of its labels: `provisioning`. */
  readonly role: string;
  readonly labels: RecommendedLabels;
  /** Construct id of the ConfigMap. @default 'state' */
  readonly filesId?: string;
  /** The script and the declared state by file name, asked for at synthesis. */
  readonly files: () => Readonly<Record<string, string>>;
  /** The Pod, asked for at synthesis. @param configMapName where those files stand */
  readonly pod: (configMapName: string) => k8s.PodSpec;
}

/**
 * A ConfigMap with a declared state, and a Job that brings a server to it, once the server is ready: step 1 of the component's layer.
 * Both names hold a hash of all that the Job does, so that a change makes another Job and an unchanged blueprint makes none. The Job
 * has no time to live, for one that vanished would be made again.
 */
export class DeclaredJob {
  /** @param scope in which the two objects are made */
  constructor(
    scope: Construct,
    private readonly component: Component,
    private readonly props: DeclaredJobProps,
  ) {
    const { labels, filesId = 'state' } = props;
    const metadata: k8s.ObjectMeta = { name: lazily(() => this.name), namespace: component.namespace.name, labels };
    const files = new k8s.KubeConfigMap(scope, filesId, {
      metadata,
      immutable: true,
      data: lazily(() => props.files()),
    });
    const job = new k8s.KubeJob(scope, 'job', {
      metadata,
      spec: {
        backoffLimit: BACKOFF_LIMIT,
        activeDeadlineSeconds: DEADLINE_SECONDS,
        template: this.template(props.pod),
      },
    });
    atStep(files, 1);
    atStep(job, 1);
  }

  /**
   * The Pods of this Job, or of a CronJob that does the same again on the same files.
   *
   * @param pod as that of the props
   */
  template(pod: DeclaredJobProps['pod']): k8s.PodTemplateSpec {
    return { metadata: { labels: this.props.labels }, spec: lazily(() => pod(this.name)) };
  }

  /** Known at synthesis only. */
  private get name(): string {
    const { files, pod, role } = this.props;
    return `${this.component.componentName}-${role}-${contentHash([files(), pod('')])}`;
  }
}
