import { Construct, type IConstruct } from 'constructs';
import { MANAGED_BY, type RecommendedLabels, type SelectorLabels } from './labels';
import { Layer } from './layer';
import { dnsLabel } from './names';
import { PlatformNamespace, type PlatformNamespaceProps } from './namespace';
import { Platform } from './platform';

export interface ComponentProps {
  /** Where its objects live. @default - a namespace of its own, `<platform>-<component>` */
  readonly namespace?: PlatformNamespace;
}

const COMPONENT = Symbol.for('bouture.Component');

/**
 * A part of the platform that an operator knows by name: it has a namespace, a layer and a file of its own in `charts-out/`.
 * Subclasses make the Kubernetes objects.
 */
export abstract class Component extends Construct {
  /** The nearest component around a construct. @default - undefined when there is none */
  static of(construct: IConstruct): Component | undefined {
    return construct.node.scopes.reverse().find((scope): scope is Component => COMPONENT in scope);
  }

  readonly platform: Platform;
  readonly namespace: PlatformNamespace;
  /** Name of its objects and of its file: the construct's id. */
  readonly componentName: string;

  /**
   * @param layer where its objects stand, but for the kinds that always stand lower
   * @param own what is special about a namespace of its own; its name where `<platform>-<component>` will not do
   */
  protected constructor(
    scope: Construct,
    id: string,
    readonly layer: Layer,
    props: ComponentProps = {},
    own: Partial<PlatformNamespaceProps> = {},
  ) {
    super(scope, id);
    Object.defineProperty(this, COMPONENT, { value: true });
    this.platform = Platform.of(this);
    this.componentName = dnsLabel('component id', id);
    this.namespace =
      props.namespace ?? new PlatformNamespace(this, 'namespace', { name: `${this.platform.name}-${id}`, ...own });
  }

  /**
   * The recommended labels of one of its objects.
   *
   * @param software what runs, for example `minio`
   * @param role part within the component, for example `server` or `buckets`
   * @param version of the software. @default - no version label
   */
  labels(software: string, role: string, version?: string): RecommendedLabels {
    return {
      ...this.selector(software, role),
      'app.kubernetes.io/component': role,
      'app.kubernetes.io/part-of': this.platform.name,
      'app.kubernetes.io/managed-by': MANAGED_BY,
      ...(version === undefined ? {} : { 'app.kubernetes.io/version': version }),
    };
  }

  /** The labels that select the Pods of one of its workloads. */
  selector(software: string, role: string): SelectorLabels {
    return { 'app.kubernetes.io/name': software, 'app.kubernetes.io/instance': `${this.componentName}-${role}` };
  }
}
