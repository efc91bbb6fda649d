import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import { FORMATS } from './formats';
import { object, text } from './json';
import type { SchemaSet } from './kubernetes';

/** What a strict API server would refuse. */
export interface SchemaProblem {
  /** `spec/template/spec/containers/0/image` */
  readonly path: string;
  readonly message: string;
}

const SCHEMAS = join(__dirname, '../../schemas');

/** The Kubernetes minors whose schemas are vendored, oldest first: `1.30`. */
export function schemaMinors(): readonly string[] {
  return readdirSync(join(SCHEMAS, 'kubernetes'))
    .flatMap((file) => /^v(\d+\.\d+)\.json\.gz$/.exec(file)?.[1] ?? [])
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** Reads one vendored file. @param file below `schemas/`, without `.json.gz` */
export function readSchemaSet(file: string): SchemaSet {
  return JSON.parse(gunzipSync(readFileSync(join(SCHEMAS, `${file}.json.gz`))).toString('utf8')) as SchemaSet;
}

/** A pattern of the API server, which is Go's: it may begin with flags, for which JavaScript has a place of its own. */
function goPattern(pattern: string, flags: string): RegExp {
  const insensitive = pattern.replace(/^(\^?)\(\?i\)/, '$1');
  return new RegExp(insensitive, insensitive === pattern ? flags : `${flags}i`);
}
goPattern.code = 'new RegExp';

/**
 * Judges manifests by the OpenAPI document of one Kubernetes minor, together with the vendored CustomResourceDefinitions: unknown
 * fields, wrong types, values outside an enumeration and missing fields are all refused. No network.
 */
export class StrictSchemas {
  private readonly ajv: Ajv;
  private readonly kinds: Readonly<Record<string, string>>;
  private readonly deprecated: Readonly<Record<string, string>>;
  private readonly compiled = new Map<string, ValidateFunction>();

  /** @param minor one of `schemaMinors()` */
  constructor(readonly minor: string) {
    const crds = readdirSync(join(SCHEMAS, 'crds')).map((file) => readSchemaSet(`crds/${file.replace(/\.json\.gz$/, '')}`));
    const sets = [readSchemaSet(`kubernetes/v${minor}`), ...crds];
    this.kinds = Object.assign({}, ...sets.map(({ kinds }) => kinds)) as Record<string, string>;
    this.deprecated = Object.assign({}, ...sets.map(({ deprecated }) => deprecated)) as Record<string, string>;
    const definitions: unknown = Object.assign({}, ...sets.map((set) => set.definitions));
    this.ajv = new Ajv({
      allErrors: true,
      strict: true,
      strictTypes: false,
      strictRequired: false,
      inlineRefs: false,
      formats: FORMATS,
      code: { regExp: goPattern },
    });
    this.ajv.addSchema({ $id: 'kubernetes', definitions });
  }

  /** What is wrong with a manifest; nothing when it is valid. */
  problems(manifest: unknown): readonly SchemaProblem[] {
    const { apiVersion, kind } = object(manifest);
    const id = `${text(apiVersion)}/${text(kind)}`;
    const name = this.kinds[id];
    if (name === undefined) return [{ path: 'apiVersion', message: `Kubernetes ${this.minor} has no ${id}` }];
    const validate = this.validator(name);
    return validate(manifest) ? [] : (validate.errors ?? []).map(problem);
  }

  /** Minor since which the API server warns of a kind. @default - undefined when it does not in this minor */
  deprecation(manifest: unknown): string | undefined {
    const { apiVersion, kind } = object(manifest);
    const since = this.deprecated[`${text(apiVersion)}/${text(kind)}`];
    return since !== undefined && since.localeCompare(this.minor, 'en', { numeric: true }) <= 0 ? since : undefined;
  }

  private validator(name: string): ValidateFunction {
    const known = this.compiled.get(name);
    if (known !== undefined) return known;
    const pointer = name.replaceAll('~', '~0').replaceAll('/', '~1');
    const validate = this.ajv.compile({ $ref: `kubernetes#/definitions/${pointer}` });
    this.compiled.set(name, validate);
    return validate;
  }
}

function problem({ instancePath, message = 'is wrong', params }: ErrorObject): SchemaProblem {
  const { additionalProperty, allowedValues } = params as Record<string, unknown>;
  const path = instancePath.slice(1);
  if (typeof additionalProperty === 'string') {
    return { path: path === '' ? additionalProperty : `${path}/${additionalProperty}`, message: 'is an unknown field' };
  }
  return { path, message: Array.isArray(allowedValues) ? `${message}: ${allowedValues.join(', ')}` : message };
}
