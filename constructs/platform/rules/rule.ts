import type { Profile } from '../profile';
import type { ObjectView, PlatformView } from './view';

/** `error` stops synthesis; `warning` is told and passes. */
export type RuleLevel = 'error' | 'warning';

/** What a rule found at one place. */
export interface Finding {
  /** Path of the field in the object: `spec.template.spec.containers[server].image`. */
  readonly field: string;
  /** What is wrong there. Never a secret's value. */
  readonly message: string;
}

/** What a rule over several objects found in one of them. */
export interface PlatformFinding extends Finding {
  readonly object: ObjectView;
}

interface RuleText {
  /** In kebab-case; part of the annotation that suppresses it, so it stays for ever. */
  readonly id: string;
  readonly level: RuleLevel;
  /** What goes wrong without it. */
  readonly why: string;
  /** Document that says so. */
  readonly source: string;
  /** How to fix it. */
  readonly fix: string;
  /** Profiles that it holds for. @default - all */
  readonly profiles?: readonly Profile[];
  /** Speaks of files only, not of objects on their way to the API server, where a Secret rightly has its values. @default false */
  readonly filesOnly?: boolean;
}

/** A rule that needs to see one object. */
export interface ObjectRule extends RuleText {
  readonly scope: 'object';
  readonly check: (object: ObjectView) => Iterable<Finding>;
}

/** A rule that needs to see all objects of the platform. */
export interface PlatformRule extends RuleText {
  readonly scope: 'platform';
  readonly check: (platform: PlatformView) => Iterable<PlatformFinding>;
}

/** One thing that synthesized objects must hold to. */
export type Rule = ObjectRule | PlatformRule;
