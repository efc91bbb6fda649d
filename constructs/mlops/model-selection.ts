/** The version of a registered model that is meant: a number, what an alias points at, or, for registries that still use them, the latest of a stage. */
export type ModelSelection =
  { readonly version: number } | { readonly alias: string } | { readonly stage: 'Staging' | 'Production' };

/** A version of a model by its name. */
export type RegisteredModel = ModelSelection & {
  /** Name of the registered model. */
  readonly name: string;
};

/** How a program's configuration says which version is meant. */
export type SelectionSetting =
  { readonly version: string } | { readonly alias: string } | { readonly stage: 'Staging' | 'Production' };

/** Names of aliases as MLflow takes them; `v` with digits and `latest` it keeps for itself (`_validate_model_alias_name_reserved` of mlflow/utils/validation.py). */
const ALIAS = /^[\w-]{1,255}$/;
const RESERVED_ALIAS = /^(?:latest|v\d+)$/i;
const STAGES = ['Staging', 'Production'];

/**
 * Checks which version is meant.
 *
 * @param what who means it, used in the error
 * @throws Error when none or several of version, alias and stage are given, or when the one that is given is none
 */
export function selectionSetting(what: string, model: ModelSelection): SelectionSetting {
  const given = (['version', 'alias', 'stage'] as const).filter((key) => key in model);
  if (given.length !== 1) {
    throw new Error(
      `${what} is one of version, alias and stage, given ${given.length === 0 ? 'none' : given.join(' and ')}: give { alias: 'champion' }`,
    );
  }
  if ('version' in model) {
    if (!Number.isInteger(model.version) || model.version < 1) {
      throw new RangeError(`version of ${what} is a whole number from 1, given ${model.version}`);
    }
    return { version: String(model.version) };
  }
  if ('stage' in model) {
    if (!STAGES.includes(model.stage)) {
      throw new Error(`stage of ${what} is one of ${STAGES.join(', ')}, given "${model.stage}"`);
    }
    return { stage: model.stage };
  }
  if (!ALIAS.test(model.alias) || RESERVED_ALIAS.test(model.alias)) {
    throw new Error(
      `alias "${model.alias}" of ${what} is none that MLflow takes: letters, digits, dashes and underscores, not "latest" nor "v1"`,
    );
  }
  return { alias: model.alias };
}

/** Checks the name of a registered model. @throws Error when it is empty, or holds what MLflow refuses: a slash, a colon, a dot alone */
export function modelName(name: string): string {
  if (!/^[A-Za-z0-9][\w .-]{0,254}$/.test(name)) {
    throw new Error(
      `name of a registered model "${name}": expected letters, digits, spaces, dots, dashes and underscores, a letter or digit first`,
    );
  }
  return name;
}
